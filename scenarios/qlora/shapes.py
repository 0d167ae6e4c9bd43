"""The shapes of well-known models, without their weights: enough to plan a fine-tune of one that is not here.

From Touvron et al. 2023 (LLaMA; Llama 2), Grattafiori et al. 2024 (Llama 3) and the models' published config.json.
"""

from dataclasses import dataclass

from transformers import LlamaConfig

from .base import Base


@dataclass(frozen=True, slots=True)
class Shape:
    """A Llama's widths. `key_heads` is less than `heads` where several queries share a key (Ainslie et al. 2023)."""

    blocks: int
    width: int
    inner: int
    heads: int
    key_heads: int
    vocabulary: int
    positions: int
    tied: bool = False


_SHAPES = {
    "llama-7b": Shape(32, 4096, 11008, 32, 32, 32000, 2048),
    "llama-13b": Shape(40, 5120, 13824, 40, 40, 32000, 2048),
    "llama-33b": Shape(60, 6656, 17920, 52, 52, 32000, 2048),
    "llama-65b": Shape(80, 8192, 22016, 64, 64, 32000, 2048),
    "llama-2-7b": Shape(32, 4096, 11008, 32, 32, 32000, 4096),
    "llama-2-13b": Shape(40, 5120, 13824, 40, 40, 32000, 4096),
    "llama-2-70b": Shape(80, 8192, 28672, 64, 8, 32000, 4096),
    "llama-3.2-1b": Shape(16, 2048, 8192, 32, 8, 128256, 131072, tied=True),
    "llama-3.2-3b": Shape(28, 3072, 8192, 24, 8, 128256, 131072, tied=True),
    "llama-3.1-8b": Shape(32, 4096, 14336, 32, 8, 128256, 131072),
    "llama-3.1-70b": Shape(80, 8192, 28672, 64, 8, 128256, 131072),
}
NAMES = tuple(_SHAPES)


def base_of_shape(name: str) -> Base:
    """A model of one of NAMES, of which only the shape is known: it has no weights and no tokenizer."""
    shape = _SHAPES[name]
    config = LlamaConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.width,
        intermediate_size=shape.inner,
        num_hidden_layers=shape.blocks,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.key_heads,
        max_position_embeddings=shape.positions,
        tie_word_embeddings=shape.tied,
        use_cache=False,
    )
    return Base(name, config, None, "causal")
