"""A transformer (Vaswani et al. 2017), shaped as Llama is (Touvron et al. 2023).

Every position looks back at all earlier ones at once, any distance one step away: attention. Names are those of Hugging
Face's Llama, so that its files and ours are the same. b sequences, t positions, d the width, V tokens.

Xiong et al. 2020 (normalise before), Zhang and Sennrich 2019 (RMSNorm), Su et al. 2021 (RoPE), Shazeer 2020 (SwiGLU),
Press and Wolf 2017 (the embedding is used again at the end).
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .model import Dropout, Group, Network, Traces, evaluating, source_of

ROTATION_BASE = 10_000.0
"""The slowest pair of a head's numbers turns by a full circle in about 2π · 10,000 positions."""
NORM_EPSILON = 1e-6


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a transformer. `width` is a multiple of `heads`, by an even number; `hidden` is the MLP's."""

    tokens: int
    width: int
    layers: int
    heads: int
    hidden: int
    context: int
    dropout: float = 0.0


class RMSNorm(nn.Module):
    """x / √(mean x² + ε) · weight: every position's vector gets the same length, then each entry its own scale."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight * (x * torch.rsqrt(x.square().mean(-1, keepdim=True) + NORM_EPSILON))


class Attention(nn.Module):
    """Every position asks (query), every earlier one offers (key) and is fetched (value) as far as the two agree."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.q_proj, self.k_proj, self.v_proj, self.o_proj = (
            nn.Linear(shape.width, shape.width, bias=False) for _ in range(4)
        )

    def weights(self, x: Tensor) -> Tensor:
        """How much each takes from each: softmax(q·kᵀ/√(d/heads)) over those not after it, (b, heads, t, t)."""
        q, k = rotated(self.split(self.q_proj(x))), rotated(self.split(self.k_proj(x)))  # (b, heads, t, d/heads)
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])  # (b, heads, t, t)
        t = x.shape[1]
        future = torch.full((t, t), -math.inf, device=x.device, dtype=x.dtype).triu(1)  # −∞ above the diagonal
        return (scores + future).softmax(-1)

    def forward(self, x: Tensor) -> Tensor:
        fetched = self.weights(x) @ self.split(self.v_proj(x))  # (b, heads, t, d/heads)
        out: Tensor = self.o_proj(fetched.transpose(1, 2).flatten(2))  # heads beside each other again, mixed: (b, t, d)
        return out

    def split(self, x: Tensor) -> Tensor:
        """(b, t, d) into heads: (b, heads, t, d/heads)."""
        return x.view(*x.shape[:-1], self.heads, -1).transpose(1, 2)


def rotated(x: Tensor) -> Tensor:
    """RoPE: entries i and i + n/2 of every head's vector are turned as a pair by an angle that grows with the position,
    so that q·k depends on how far apart two positions are. x is (b, heads, t, n)."""
    t, half = x.shape[-2], x.shape[-1] // 2
    rates = ROTATION_BASE ** -(torch.arange(half, device=x.device, dtype=torch.float32) / half)
    angles = torch.outer(torch.arange(t, device=x.device, dtype=torch.float32), rates)  # (t, n/2)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    first, second = x[..., :half], x[..., half:]
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1)


class MLP(nn.Module):
    """SwiGLU: down(silu(gate(x)) · up(x)), position by position."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down_proj = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Layer(nn.Module):
    """Attention moves information between positions, the MLP works on it at each. Both only add to what is there."""

    def __init__(self, shape: Shape, dropout: Dropout) -> None:
        super().__init__()
        self.input_layernorm, self.self_attn = RMSNorm(shape.width), Attention(shape)
        self.post_attention_layernorm, self.mlp = RMSNorm(shape.width), MLP(shape)
        self.dropout = dropout

    def attend(self, h: Tensor) -> Tensor:
        """h + Attention(RMSNorm(h)), (b, t, d)."""
        added: Tensor = self.dropout(self.self_attn(self.input_layernorm(h)))
        return h + added

    def think(self, h: Tensor) -> Tensor:
        """h + MLP(RMSNorm(h)), (b, t, d)."""
        added: Tensor = self.dropout(self.mlp(self.post_attention_layernorm(h)))
        return h + added

    def groups(self, number: int) -> list[Group]:
        """The two halves of layer `number`."""
        attention, mlp = (self.input_layernorm, self.self_attn), (self.post_attention_layernorm, self.mlp)
        attend, think = f"h = h + Attention{number}(norm(h))", f"h = h + MLP{number}(norm(h))"
        return [
            Group(f"attention {number}", attend, self.attend, source_of(self.attend), attention),
            Group(f"MLP {number}", think, self.think, source_of(self.think), mlp),
        ]


class Transformer(Network):
    """Ids → embedding → for each layer: attention, MLP → norm → logits."""

    name = "transformer"

    def __init__(self, shape: Shape) -> None:
        """Weights are drawn from torch's random numbers."""
        super().__init__()
        self.shape, self.context = shape, shape.context
        self.dropout = Dropout(shape.dropout)
        self.embed_tokens = nn.Embedding(shape.tokens, shape.width)  # (V, d)
        self.layers = nn.ModuleList(Layer(shape, self.dropout) for _ in range(shape.layers))
        self.norm = RMSNorm(shape.width)
        self.initialise()

    def initialise(self) -> None:
        """Normal numbers of deviation 0.02; what adds to h is smaller the more layers add (Radford et al. 2019)."""
        for name, parameter in self.named_parameters():
            if parameter.ndim == 2:
                adds = name.endswith(("o_proj.weight", "down_proj.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * self.shape.layers) if adds else 0.02)

    def groups(self) -> list[Group]:
        embedding, logits = (self.embed_tokens,), (self.norm, self.embed_tokens)
        groups = [Group("embedding", "h = E[x]", self.embed, source_of(self.embed), embedding)]
        for number, layer in enumerate(self.blocks(), 1):
            groups += layer.groups(number)
        return [*groups, Group("logits", "z = norm(h)·Eᵀ", self.logits, source_of(self.logits), logits)]

    def embed(self, ids: Tensor) -> Tensor:
        """Row ids[i] of the embedding for each position, (b, t, d)."""
        h: Tensor = self.dropout(self.embed_tokens(ids))
        return h

    def logits(self, h: Tensor) -> Tensor:
        """How well each token's embedding agrees with what stands at each position, (b, t, V)."""
        return F.linear(self.norm(h), self.embed_tokens.weight)

    def blocks(self) -> list[Layer]:
        """The layers in order."""
        return [layer for layer in self.layers if isinstance(layer, Layer)]

    def traces(self, ids: Tensor) -> Traces:
        traces = Traces()
        with evaluating(self):
            h = self.embed(ids)
            for layer in self.blocks():
                traces.attention.append(layer.self_attn.weights(layer.input_layernorm(h))[0])
                h = layer.think(layer.attend(h))
        return traces
