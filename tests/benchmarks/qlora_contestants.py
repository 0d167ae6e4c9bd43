"""A QLoRA fine-tune done three times over: by the lab with a viewer on it, in a bare loop of peft and bitsandbytes, and
by TRL's SFTTrainer. All learn the same tokens in the same order, by the scenario's defaults but for what is told."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from time import perf_counter
from typing import Any

import torch
from bitsandbytes.nn.modules import Linear4bit
from bitsandbytes.optim.adamw import PagedAdamW32bit
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, BitsAndBytesConfig, TrainerCallback

from tests.benchmarks.watched import Watched, watched
from tui_lab.run.catalogue import scenario
from tui_lab.run.launch import launch
from tui_lab.run.settings import settings_of
from tui_lab.scenarios.qlora.adapter import target_layers
from tui_lab.scenarios.qlora.base import open_base
from tui_lab.scenarios.qlora.batches import lengths_of, sequences_of
from tui_lab.scenarios.qlora.examples import read_examples
from tui_lab.scenarios.qlora.method import Method
from tui_lab.scenarios.qlora.order import Order
from tui_lab.scenarios.qlora.quantise import compute_dtype
from tui_lab.scenarios.qlora.tokenise import Tokeniser
from tui_lab.torch_lab.devices import device_of

STEPS, WARM_UP = 60, 20
"""Steps of a round, and those before the first that do not count."""
CARD = scenario("qlora")


class Plan:
    """What each step learns from, as the scenario draws it: its parts put together, without the model's weights."""

    def __init__(self, words: list[str], steps: int, data: Path | None = None) -> None:
        self.method = Method.of(settings_of(CARD, words))
        self.device = device_of(self.method.device)
        self.dtype = compute_dtype(self.method, self.device)
        examples = read_examples(data, self.method.held_out)
        self.base = open_base(self.method.model, len(examples.classes))
        self.targets = list(target_layers(self.base, self.method, self.base.skeleton()))
        tokeniser = Tokeniser(self.base, self.method, examples)
        sequences = sequences_of(tokeniser(examples.train), self.method, tokeniser)
        order = Order(lengths_of(sequences), self.method, seed=0)
        self.steps = [[example for row in order.rows(step) for example in sequences[row]] for step in range(steps)]

    def tokens(self, first: int, steps: int) -> int:
        """Tokens that are no padding in so many steps after the first ones."""
        return sum(len(example.ids) for step in self.steps[first : first + steps] for example in step)


class Lab:
    """The lab's trainer, a process of its own, with a viewer on it."""

    def __init__(self, run: Watched, plan: Plan, steps: int) -> None:
        self.run, self.plan, self.steps, self.done = run, plan, steps, WARM_UP
        run.step(WARM_UP)

    def __call__(self) -> float:
        """Tokens a second of the next steps."""
        first = self.done
        self.done += self.steps
        return self.plan.tokens(first, self.steps) / self.run.step(self.steps)


@contextmanager
def lab(words: list[str], plan: Plan, steps: int = STEPS, data: Path | None = None) -> Iterator[Lab]:
    """A run of the lab's own, and whoever looks at it leaves with the block."""
    with watched(launch(CARD, settings_of(CARD, words), data=data)) as run:
        yield Lab(run, plan, steps)


def frozen(plan: Plan) -> Any:
    """The model in 4 bits as people load it, safe to train on a CPU."""
    config = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=plan.dtype,
    )
    model = AutoModelForCausalLM.from_pretrained(
        plan.base.source, dtype=plan.dtype, device_map={"": plan.device}, quantization_config=config
    )
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False
    model.config.use_cache = False
    return model


def _lora(plan: Plan) -> Any:
    method = plan.method
    return LoraConfig(
        r=method.rank,
        lora_alpha=int(method.alpha),
        lora_dropout=method.dropout,
        target_modules=plan.targets,
        task_type="CAUSAL_LM",
    )


class BareLoop:
    """A loop as one writes it with nobody looking: batches made beforehand, no probes, nothing kept."""

    def __init__(self, plan: Plan, steps: int = STEPS) -> None:
        self.plan, self.count, self.done = plan, steps, WARM_UP
        model = frozen(plan)
        if plan.method.gradient_checkpointing:
            model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
            model.enable_input_require_grads()
        self.model = get_peft_model(model, _lora(plan)).train()
        self.trained = [parameter for parameter in self.model.parameters() if parameter.requires_grad]
        self.optimizer = PagedAdamW32bit(self.trained, lr=plan.method.learning_rate)
        self.batches = [self._batch(examples) for examples in plan.steps]
        for batch in self.batches[:WARM_UP]:
            self.step(batch)

    def __call__(self) -> float:
        """Tokens a second of the next steps."""
        begun, first = perf_counter(), self.done
        self.done += self.count
        for batch in self.batches[first : self.done]:
            self.step(batch)
        return self.plan.tokens(first, self.count) / (perf_counter() - begun)

    def step(self, batch: dict[str, torch.Tensor]) -> float:
        """One update; the loss, for a loop that prints nothing else."""
        with torch.autocast(self.plan.device.type, self.plan.dtype, enabled=self.plan.dtype != torch.float32):
            loss = self.model(**batch).loss
        loss.backward()
        limit = self.plan.method.max_grad_norm
        if limit != "off":
            torch.nn.utils.clip_grad_norm_(self.trained, limit)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return float(loss.item())

    def _batch(self, examples: list[Any]) -> dict[str, torch.Tensor]:
        """Padded on the right, as collators do."""
        width = max(len(example.ids) for example in examples)
        fill = [width - len(example.ids) for example in examples]
        rows = {
            "input_ids": [e.ids + [self.plan.base.padding] * n for e, n in zip(examples, fill, strict=True)],
            "attention_mask": [[1] * len(e.ids) + [0] * n for e, n in zip(examples, fill, strict=True)],
            "labels": [
                [i if t else -100 for i, t in zip(e.ids, e.trained, strict=True)] + [-100] * n
                for e, n in zip(examples, fill, strict=True)
            ],
        }
        return {name: torch.tensor(values, device=self.plan.device) for name, values in rows.items()}


class SupervisedTrainer:
    """TRL's SFTTrainer on the same tokens in the same order. It trains anew in each round; its first steps do not
    count."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __call__(self) -> float:
        """Tokens a second of STEPS steps after the first WARM_UP."""
        from trl.trainer.sft_config import SFTConfig
        from trl.trainer.sft_trainer import SFTTrainer

        times: list[float] = []

        class Clock(TrainerCallback):
            def on_step_end(self, *_: Any, **__: Any) -> None:
                times.append(perf_counter())

        method, count = self.plan.method, WARM_UP + STEPS
        rows = [
            {"input_ids": example.ids, "completion_mask": [int(t) for t in example.trained]}
            for step in self.plan.steps[:count]
            for example in step
        ]
        with tempfile.TemporaryDirectory() as folder:
            config = SFTConfig(
                output_dir=folder,
                per_device_train_batch_size=method.batch_size,
                gradient_accumulation_steps=1,
                max_steps=count,
                learning_rate=method.learning_rate,
                lr_scheduler_type="constant",
                max_grad_norm=method.max_grad_norm,
                optim="paged_adamw_32bit",
                train_sampling_strategy="sequential",
                completion_only_loss=True,
                gradient_checkpointing=method.gradient_checkpointing,
                bf16=False,
                use_cpu=True,
                report_to=[],
                save_strategy="no",
                disable_tqdm=True,
                dataloader_pin_memory=False,
            )
            trainer = SFTTrainer(
                model=frozen(self.plan),
                args=config,
                train_dataset=Dataset.from_list(rows),
                processing_class=self.plan.base.tokenizer,
                peft_config=_lora(self.plan),
                callbacks=[Clock()],
            )
            with redirect_stdout(StringIO()):  # it prints what it logs
                trainer.train()
        return self.plan.tokens(WARM_UP, STEPS) / (times[-1] - times[WARM_UP - 1])
