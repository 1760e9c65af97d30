"""Owns the network: Whisper's architecture with the parameter names of the Hugging Face format."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.features import MELS
from training.tokens import TIMESTAMPS

ALIGNMENT_HEADS = ((1, 0), (1, 1))
PHONEME_CLASSES = 128
_FLASH_FROM = 600


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; the defaults are those of the delivered model, 1.9 M parameters."""

    vocabulary: int
    first_timestamp: int
    words: int
    width: int = 128
    heads: int = 4
    encoder_layers: int = 4
    decoder_layers: int = 2
    source_positions: int = 1500
    target_positions: int = 448


class Attention(nn.Module):
    """Multi-head attention of x [b, t, width] over a memory [b, s, width]."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.k_proj = nn.Linear(shape.width, shape.width, bias=False)
        self.v_proj = nn.Linear(shape.width, shape.width)
        self.q_proj = nn.Linear(shape.width, shape.width)
        self.out_proj = nn.Linear(shape.width, shape.width)

    def forward(self, x: Tensor, memory: Tensor, *, causal: bool = False) -> Tensor:
        query, key, value = self._split(x, memory)
        if not causal and self.training and key.shape[2] <= _FLASH_FROM:
            # On short windows plain bfloat16 products take half the time of the fused kernel: 21, not 39 ms a layer.
            weights = torch.softmax(query @ key.transpose(2, 3) * query.shape[-1] ** -0.5, -1)
            return self._join(weights @ value)
        return self._join(functional.scaled_dot_product_attention(query, key, value, is_causal=causal))

    def look(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """The same, and the weights [b, heads, t, s] in float32."""
        query, key, value = self._split(x, memory)
        weights = torch.softmax((query @ key.transpose(2, 3) * query.shape[-1] ** -0.5).float(), -1)
        return self._join(weights.to(value.dtype) @ value), weights

    def _split(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        def by_head(projected: Tensor) -> Tensor:
            return projected.view(*projected.shape[:2], self.heads, -1).transpose(1, 2)

        return by_head(self.q_proj(x)), by_head(self.k_proj(memory)), by_head(self.v_proj(memory))

    def _join(self, mixed: Tensor) -> Tensor:
        joined: Tensor = self.out_proj(mixed.transpose(1, 2).flatten(2))
        return joined


class _FeedForward(nn.Module):
    """What every layer ends with; the names of its parts belong to the layer in the Hugging Face format."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.self_attn = Attention(shape)
        self.self_attn_layer_norm = nn.LayerNorm(shape.width)
        self.fc1 = nn.Linear(shape.width, 4 * shape.width)
        self.fc2 = nn.Linear(4 * shape.width, shape.width)
        self.final_layer_norm = nn.LayerNorm(shape.width)

    def feed(self, x: Tensor) -> Tensor:
        fed: Tensor = x + self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x))))
        return fed

    def attend(self, x: Tensor, *, causal: bool) -> Tensor:
        normed = self.self_attn_layer_norm(x)
        attended: Tensor = x + self.self_attn(normed, normed, causal=causal)
        return attended


class EncoderLayer(_FeedForward):
    """Self-attention and feed-forward over frames [b, f, width]."""

    def forward(self, x: Tensor) -> Tensor:
        return self.feed(self.attend(x, causal=False))


class DecoderLayer(_FeedForward):
    """Causal self-attention, cross-attention to the frames, feed-forward."""

    def __init__(self, shape: Shape) -> None:
        super().__init__(shape)
        self.encoder_attn = Attention(shape)
        self.encoder_attn_layer_norm = nn.LayerNorm(shape.width)

    def forward(self, x: Tensor, memory: Tensor) -> Tensor:
        x = self.attend(x, causal=True)
        return self.feed(x + self.encoder_attn(self.encoder_attn_layer_norm(x), memory))

    def look(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        """The same, and the cross-attention weights [b, heads, t, s]."""
        x = self.attend(x, causal=True)
        seen, weights = self.encoder_attn.look(self.encoder_attn_layer_norm(x), memory)
        return self.feed(x + seen), weights


class Table(nn.Module):
    """An embedding whose first values are given."""

    def __init__(self, weight: Tensor, *, fixed: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight, requires_grad=not fixed)


class Encoder(nn.Module):
    """mel [b, 80, 2 f] to frames [b, f, width] of 20 ms."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MELS, shape.width, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.width, shape.width, 3, stride=2, padding=1)
        self.embed_positions = Table(sinusoids(shape.source_positions, shape.width), fixed=True)
        self.layers = nn.ModuleList(EncoderLayer(shape) for _ in range(shape.encoder_layers))
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, mel: Tensor, offset: Tensor) -> Tensor:
        """offset [b]: the position of the first frame, for windows shorter than 30 s."""
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        places = offset[:, None] + torch.arange(x.shape[1])
        x = x + self.embed_positions.weight[places].to(x.dtype)
        for layer in self.layers:
            x = layer(x)
        frames: Tensor = self.layer_norm(x)
        return frames


class Decoder(nn.Module):
    """Tokens [b, t] and frames to hidden states [b, t, width]."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        embedding = torch.randn(shape.vocabulary, shape.width) * shape.width**-0.5
        scale = (2 / shape.width) ** 0.5
        # The grid of timestamps is the grid of encoder frames: start each token as the position that it stands for.
        embedding[shape.first_timestamp :] = sinusoids(TIMESTAMPS, shape.width) * scale
        self.embed_tokens = Table(embedding)
        self.embed_positions = Table(sinusoids(shape.target_positions, shape.width) * 0.3 * scale)
        self.layers = nn.ModuleList(DecoderLayer(shape) for _ in range(shape.decoder_layers))
        self.layer_norm = nn.LayerNorm(shape.width)

    def forward(self, tokens: Tensor, frames: Tensor, position: Tensor) -> tuple[Tensor, Tensor]:
        """Hidden states, and the last layer's cross-attention [b, heads, t, f]; position [b] is of the first token."""
        places = position[:, None] + torch.arange(tokens.shape[1])
        x = functional.embedding(tokens, self.embed_tokens.weight) + self.embed_positions.weight[places]
        x = x.to(frames.dtype)
        for layer in self.layers[:-1]:
            x = layer(x, frames)
        last = self.layers[-1]
        assert isinstance(last, DecoderLayer)
        x, weights = last.look(x, frames)
        return self.layer_norm(x), weights

    def logits(self, hidden: Tensor) -> Tensor:
        """Scores over the vocabulary; computed only where they are wanted, since prompts make whole batches long."""
        return functional.linear(hidden, self.embed_tokens.weight)


class _Halves(nn.Module):
    """Encoder and decoder under the common prefix that the format gives them."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape)


class SmallWhisper(nn.Module):
    """The network, with two frame-wise heads (phoneme, word) that help training and are not exported."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.model = _Halves(shape)
        self.phoneme_head = nn.Linear(shape.width, PHONEME_CLASSES)
        self.word_head = nn.Linear(shape.width, shape.words + 1)
        for name, parameter in self.model.named_parameters():
            if parameter.dim() == 2 and "embed" not in name:
                nn.init.xavier_uniform_(parameter)
            if name.endswith(("out_proj.weight", "fc2.weight")):
                parameter.data *= 0.5

    def exported(self) -> dict[str, Tensor]:
        """The parameters that belong to the delivered model, by their names in the format."""
        return {name: value for name, value in self.state_dict().items() if name.startswith("model.")}


def sinusoids(length: int, width: int) -> Tensor:
    """Whisper's positions [length, width]."""
    step = torch.log(torch.tensor(10_000.0)) / (width // 2 - 1)
    angles = torch.arange(length)[:, None] * torch.exp(-step * torch.arange(width // 2))[None]
    return torch.cat([angles.sin(), angles.cos()], 1)
