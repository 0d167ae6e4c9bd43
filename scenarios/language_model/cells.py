"""The cells of recurrent networks, gate by gate: how a state h (b, width) becomes the next one, given an input x.

W·x + b of all positions is one product, made beforehand; U·h has to wait for the state before.
"""

import math
from abc import abstractmethod

from torch import Tensor, nn

State = tuple[Tensor, ...]
"""The hidden state h, and an LSTM's cell c after it; each (b, width)."""
Gates = dict[str, Tensor]


class Cell(nn.Module):
    """`parts` is how many vectors of `width` are computed from x and h at each position."""

    parts = 1

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.width = width
        self.input = nn.Linear(inputs, self.parts * width)  # W and b
        self.state = nn.Linear(width, self.parts * width, bias=False)  # U
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(width), 1 / math.sqrt(width))

    @abstractmethod
    def step(self, wx: Tensor, state: State) -> tuple[State, Gates]:
        """From W·x + b (b, parts · width) and the state before: the state after, and what the gates said."""

    def begin(self, wx: Tensor) -> State:
        """The state before the first token: zeros."""
        return (wx.new_zeros(len(wx), self.width),)


class RNNCell(Cell):
    """h = tanh(W·x + U·h + b) (Elman 1990): all that is kept is rewritten at every step."""

    def step(self, wx: Tensor, state: State) -> tuple[State, Gates]:
        (h,) = state
        return ((wx + self.state(h)).tanh(),), {}


class LSTMCell(Cell):
    """A cell c that is only scaled and added to, so that gradients survive in it; gates decide what is let in, kept and
    let out (Hochreiter and Schmidhuber 1997; the forget gate: Gers, Schmidhuber and Cummins 2000)."""

    parts = 4

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(inputs, width)
        nn.init.zeros_(self.input.bias)
        nn.init.ones_(self.input.bias[width : 2 * width])  # the forget gate begins nearly open: remember

    def begin(self, wx: Tensor) -> State:
        return (*super().begin(wx), *super().begin(wx))

    def step(self, wx: Tensor, state: State) -> tuple[State, Gates]:
        h, c = state
        i, f, g, o = (wx + self.state(h)).chunk(4, dim=-1)  # each (b, width)
        i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
        c = f * c + i * g  # forget some of the old, let in some of the new
        h = o * c.tanh()  # say some of it
        return (h, c), {"input": i, "forget": f, "candidate": g, "output": o}


class GRUCell(Cell):
    """Two gates and no cell (Cho et al. 2014): z mixes the old state with a new one, r says how much of the old the new
    one sees. r is applied after the product U·h, as cuDNN and torch do it, not before it as in the paper."""

    parts = 3

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__(inputs, width)
        self.bias = nn.Parameter(self.input.bias.new_zeros(width))  # U's own, inside of r's reach

    def step(self, wx: Tensor, state: State) -> tuple[State, Gates]:
        (h,) = state
        r_x, z_x, n_x = wx.chunk(3, dim=-1)  # each (b, width)
        r_h, z_h, n_h = self.state(h).chunk(3, dim=-1)
        r, z = (r_x + r_h).sigmoid(), (z_x + z_h).sigmoid()
        n = (n_x + r * (n_h + self.bias)).tanh()
        h = (1 - z) * n + z * h
        return (h,), {"update": z, "reset": r, "candidate": n}
