"""The trained model that a fine-tune begins with: found and checked before any of its weights are loaded."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
)
from transformers.models.auto.auto_mappings import CONFIG_MAPPING_NAMES
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES,
)

from tui_lab.lab.errors import BadInput, nearest

from .hub import found_on_hub

SHIPPED = Path(__file__).parent.parent / "language_model" / "base"
"""The small model that comes with the lab."""
Kind = Literal["causal", "encoder"]


@dataclass(frozen=True, slots=True)
class Base:
    """A model before its weights are loaded. A causal one writes the next token, an encoder tells classes apart by a
    head that is made anew."""

    source: str
    """Its folder, or its id on the hub."""
    config: PreTrainedConfig
    tokenizer: Any
    kind: Kind

    @property
    def positions(self) -> int | None:
        """The longest sequence that it was made for; None where it says nothing."""
        names = ("max_position_embeddings", "n_positions", "max_sequence_length", "seq_length")
        found: int | None = next((value for name in names if (value := getattr(self.config, name, None))), None)
        return found if found is None or self.kind == "causal" else found - self._positions_before_the_first()

    def _positions_before_the_first(self) -> int:
        """Encoders of RoBERTa's kind count from behind the number of the padding token."""
        tables = (part for name, part in self.skeleton().named_modules() if name.endswith("position_embeddings"))
        padded = (table.padding_idx for table in tables if isinstance(table, nn.Embedding))
        return next((padding + 1 for padding in padded if padding is not None), 0)

    @property
    def padding(self) -> int:
        """The token that fills up short sequences. Which one does not matter: what is padding is known by its place."""
        found: int | None = self.tokenizer.pad_token_id
        return 0 if found is None else found

    @property
    def auto_class(self) -> Any:
        """What of transformers loads it."""
        return AutoModelForCausalLM if self.kind == "causal" else AutoModelForSequenceClassification

    def skeleton(self) -> PreTrainedModel:
        """The model with every tensor's shape and none of its numbers."""
        with torch.device("meta"):
            model: PreTrainedModel = self.auto_class.from_config(self.config, trust_remote_code=False)
        return model


def open_base(model: str, classes: int = 2) -> Base:
    """The model that the setting `model` names, with a head for so many classes where it is an encoder. Raises
    BadInput for what is not there, cannot be read or cannot be fine-tuned with such examples."""
    source = _source(model)
    demand_known(source)
    try:
        config = AutoConfig.from_pretrained(source, trust_remote_code=False)
        _demand_unquantised(source, config)
        kind = kind_of(config)
        if kind == "encoder":
            _demand_classes(source, classes)
            config.num_labels = classes
        config.use_cache = False  # nothing is generated from a training step
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
    except BadInput:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a stranger's folder makes the library raise
        raise BadInput(f"The model {source} cannot be opened: {_first_line(error)}") from None
    _demand_same_vocabulary(source, config, tokenizer)
    return Base(source, config, tokenizer, kind)


def _source(model: str) -> str:
    """The folder or the hub's id that is meant."""
    if model == "shipped":
        return _folder(SHIPPED)
    path = Path(model).expanduser()
    if path.is_dir():
        return _folder(path)
    if path.exists():
        raise BadInput(f"model is '{model}', which is a file: give the folder that config.json is in.")
    parts = model.split("/")
    if model.startswith((".", "/", "~")) or len(parts) != 2 or not all(parts):
        siblings = [each.name for each in path.parent.iterdir() if each.is_dir()] if path.parent.is_dir() else []
        hint = f" In {path.parent}: {nearest(path.name, siblings)}" if siblings else ""
        raise BadInput(
            f"There is no model folder '{model}'; one on the hub is called owner/name, and shipped is the lab's.{hint}"
        )
    return found_on_hub(model, "model")


def _folder(path: Path) -> str:
    if not (path / "config.json").is_file():
        raise BadInput(f"{path} is not a model's folder: it has no config.json.")
    if not any(path.glob("*.safetensors")):
        raise BadInput(f"{path} has no weights in *.safetensors, and the lab reads no other kind.")
    return str(path.resolve())


def demand_known(source: str) -> None:
    """Raises BadInput with the nearest name where a folder's architecture is not one that transformers has."""
    path = Path(source, "config.json")
    if not path.is_file():
        return
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise BadInput(f"{path} is not JSON: {error}.") from None
    name = content.get("model_type") if isinstance(content, dict) else None
    if name not in CONFIG_MAPPING_NAMES:
        raise BadInput(f"{path} says model_type '{name}', which transformers does not know: {_near(str(name))}.")


def _near(name: str) -> str:
    hint = nearest(name, CONFIG_MAPPING_NAMES)
    return (
        hint.rstrip("?") + "?"
        if hint.startswith("did")
        else "llama, qwen2, mistral, gemma, bert are some that it knows"
    )


def kind_of(config: PreTrainedConfig) -> Kind:
    """By the architecture that the weights were saved from; many names can be loaded as either."""
    name, saved = config.model_type, (config.architectures or [""])[0]
    if config.is_encoder_decoder:
        raise BadInput(f"{saved or name} has an encoder and a decoder: give a causal language model or an encoder.")
    causal, encoder = name in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES, name in MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES
    if causal and (saved.endswith(("ForCausalLM", "LMHeadModel")) or not encoder):
        return "causal"
    if encoder:
        return "encoder"
    raise BadInput(
        f"{saved or name} is neither a causal language model nor an encoder that transformers can give a head."
    )


def _demand_unquantised(source: str, config: PreTrainedConfig) -> None:
    found = getattr(config, "quantization_config", None)
    if found:
        how = found.get("quant_method", "some method") if isinstance(found, dict) else type(found).__name__
        raise BadInput(f"{source} is quantised already, by {how}: give the model that it was made from.")


def _demand_classes(source: str, classes: int) -> None:
    if classes < 2:
        raise BadInput(f"{source} is an encoder, which tells classes apart: its examples need a text and a label.")


def _demand_same_vocabulary(source: str, config: PreTrainedConfig, tokenizer: Any) -> None:
    size: int | None = getattr(config, "vocab_size", None)
    if size is not None and len(tokenizer) > size:
        raise BadInput(
            f"The tokenizer of {source} has {len(tokenizer)} tokens and its model {size}: they do not belong together."
        )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
