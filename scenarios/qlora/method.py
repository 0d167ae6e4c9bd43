"""The method: everything that is chosen about a fine-tune, in one place."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from tui_lab.lab.errors import BadInput


@dataclass(frozen=True, slots=True)
class Method:
    """The settings of a run, named as in scenario.toml, which gives their ranges and says what each is for."""

    model: str
    quantisation: Literal["nf4", "fp4", "int8", "none"]
    double_quant: bool
    compute_dtype: Literal["auto", "bf16", "fp16", "fp32"]
    upcast: bool
    target_modules: str
    rank: int
    alpha: float
    dropout: float
    rslora: bool
    dora: bool
    learning_rate: float
    schedule: Literal["constant", "linear", "cosine"]
    warmup: int
    optimizer: Literal["paged_adamw_32bit", "paged_adamw_8bit", "adamw_8bit", "adamw"]
    weight_decay: float
    max_grad_norm: float | Literal["off"]
    batch_size: int
    accumulation: int
    max_length: int | Literal["auto"]
    packing: bool
    group_by_length: bool
    template: str
    held_out: int
    gradient_checkpointing: bool
    evaluate_every: int
    sample_every: int
    device: Literal["auto", "cpu", "cuda"]
    processes: int
    nodes: int
    steps: int

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> "Method":
        """The method that valid settings describe. Raises BadInput for settings that contradict each other."""
        method = cls(**{field.name: settings[field.name] for field in fields(cls)})
        if "{text}" not in method.template and method.template != "auto":
            raise BadInput(f"template is '{method.template}': it must contain {{text}}, where the text is put.")
        if method.dora and method.quantisation == "int8":
            raise BadInput("dora and quantisation=int8 do not go together: say nf4, fp4 or none, or leave dora out.")
        return method

    @property
    def bits(self) -> int:
        """Bits of a frozen weight's code; 0 where weights stay as they are."""
        return {"nf4": 4, "fp4": 4, "int8": 8, "none": 0}[self.quantisation]

    @property
    def scaling(self) -> float:
        """s in W + s·B·A: alpha/r (Hu et al. 2021), or alpha/√r (Kalajdzievski 2023)."""
        return self.alpha / (self.rank**0.5 if self.rslora else self.rank)

    @property
    def micro_batches(self) -> int:
        """Batches that go into one update, those of all processes together."""
        return self.accumulation * self.processes * self.nodes

    @property
    def sequences_per_step(self) -> int:
        """Sequences that go into one update."""
        return self.batch_size * self.micro_batches

    def reading(self, question: str) -> str:
        """What the model reads of a text with a label: the template, or by default the text, and the question below."""
        template = "{text}\\n" + question if self.template == "auto" else self.template
        return template.replace("\\n", "\n")

    @property
    def targets(self) -> list[str]:
        """The names that target_modules lists."""
        return [name.strip() for name in self.target_modules.split(",") if name.strip()]
