"""How a saved adapter is loaded by a plain script: its base quantised as it was when the adapter was trained."""

from typing import TYPE_CHECKING

from .adapter import head_modules

if TYPE_CHECKING:
    from .scenario import QLoRA

_CODE = """import torch
from peft import PeftModel
from transformers import {auto}, AutoTokenizer{imported}

base = {auto}.from_pretrained(
    {source!r}, dtype=torch.{dtype}, device_map="auto"{more}
)
{guard}model = PeftModel.from_pretrained(base, {folder}).eval()
tokenizer = AutoTokenizer.from_pretrained({folder})
"""
_GUARD = """for module in base.modules():  # on a CPU with AVX512-BF16 bitsandbytes would repack and round the weights
    if hasattr(module, "support_avx512bf16_for_cpu"):
        module.support_avx512bf16_for_cpu = False
"""
_QUANTISED = """,
    quantization_config=BitsAndBytesConfig({options}),"""


def loading_code(scenario: "QLoRA", folder: str = '"."') -> str:
    """Python that loads an adapter which was saved to `folder`, an expression."""
    method, base = scenario.method, scenario.base
    options = _options(scenario)
    more = f",\n    num_labels={base.config.num_labels}" if base.kind == "encoder" else ""
    if options:
        more += _QUANTISED.format(
            options="".join(f"\n        {name}={value}," for name, value in options.items()) + "\n    "
        )
    return _CODE.format(
        auto=base.auto_class.__name__,
        imported=", BitsAndBytesConfig" if method.bits else "",
        source=base.source,
        dtype=_dtype(scenario),
        more=more,
        guard=_GUARD if method.bits == 4 else "",
        folder=folder,
    )


def readme(scenario: "QLoRA") -> str:
    """What lies beside an adapter: what it is, and how to load it."""
    method = scenario.method
    return (
        f"# Adapter for {scenario.base.source}\n\n"
        f"Trained by tui-lab for {scenario.done} steps: rank {method.rank}, alpha {method.alpha:g}, "
        f"{len(scenario.layers)} layers, base in {method.quantisation if method.bits else _dtype(scenario)}.\n"
        "It has learned to mend the errors of its quantised base, so load the base as it was:\n\n"
        f"```python\n{loading_code(scenario)}```\n"
    )


def _options(scenario: "QLoRA") -> dict[str, str]:
    """The arguments of BitsAndBytesConfig; none where nothing is quantised."""
    method, heads = scenario.method, head_modules(scenario.base, scenario.base.skeleton())
    skipped = {"llm_int8_skip_modules": repr(heads)} if heads else {}
    if method.bits == 8:
        return {"load_in_8bit": "True", **skipped}
    if method.bits == 4:
        return {
            "load_in_4bit": "True",
            "bnb_4bit_quant_type": repr(method.quantisation),
            "bnb_4bit_use_double_quant": str(method.double_quant),
            "bnb_4bit_compute_dtype": f"torch.{_dtype(scenario)}",
            **skipped,
        }
    return {}


def _dtype(scenario: "QLoRA") -> str:
    return str(scenario.dtype).removeprefix("torch.")
