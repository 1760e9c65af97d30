"""Owns the delivered formats: a Hugging Face folder, and the CTranslate2 folder that is made from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ctranslate2.converters import TransformersConverter
from safetensors.torch import save_file

from training.grammar import Grammar
from training.model import ALIGNMENT_HEADS, Shape, SmallWhisper
from training.tokens import SPACE, SPECIAL_TOKENS, TIMESTAMP_SECONDS, TIMESTAMPS, Tokens

_SYMBOLS = '"#()*+/:;<=>@[\\]^_`{|}~'
_NAMED_IN_TEMPLATE = ("<|endoftext|>", "<|startoftranscript|>", "<|notimestamps|>")


def export_hugging_face(network: SmallWhisper, folder: Path) -> None:
    """Weights as float16 and the five JSON files that transformers reads."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = Tokens(Grammar())
    weights = {name: value.half().contiguous() for name, value in network.exported().items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    documents = {
        "config.json": _config(network.shape, tokens),
        "generation_config.json": _generation(tokens),
        "preprocessor_config.json": _preprocessor(),
        "tokenizer.json": _tokenizer(tokens),
        "tokenizer_config.json": _tokenizer_config(),
    }
    for name, document in documents.items():
        (folder / name).write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")


def export_ctranslate2(hugging_face: Path, folder: Path) -> None:
    """The folder that faster-whisper loads; float16 storage serves a GPU as it is and int8 on a CPU."""
    converter = TransformersConverter(str(hugging_face), copy_files=["tokenizer.json", "preprocessor_config.json"])
    converter.convert(str(folder), quantization="float16", force=True)


def _suppressed(tokens: Tokens) -> list[int]:
    """What must never be written: symbols that no one speaks, a lone space, and the special tokens before a text."""
    specials = range(tokens.start, tokens.no_speech + 1)
    return sorted({tokens.id(symbol) for symbol in (*_SYMBOLS, SPACE)} | set(specials))


def _config(shape: Shape, tokens: Tokens) -> dict[str, Any]:
    return {
        "architectures": ["WhisperForConditionalGeneration"],
        "model_type": "whisper",
        "activation_function": "gelu",
        "d_model": shape.width,
        "encoder_layers": shape.encoder_layers,
        "encoder_attention_heads": shape.heads,
        "encoder_ffn_dim": 4 * shape.width,
        "decoder_layers": shape.decoder_layers,
        "decoder_attention_heads": shape.heads,
        "decoder_ffn_dim": 4 * shape.width,
        "num_hidden_layers": shape.encoder_layers,
        "num_mel_bins": 80,
        "max_source_positions": shape.source_positions,
        "max_target_positions": shape.target_positions,
        "vocab_size": shape.vocabulary,
        "scale_embedding": False,
        "is_encoder_decoder": True,
        "tie_word_embeddings": True,
        "bos_token_id": tokens.end,
        "eos_token_id": tokens.end,
        "pad_token_id": tokens.end,
        "decoder_start_token_id": tokens.start,
        "begin_suppress_tokens": [tokens.id(SPACE)],
        "suppress_tokens": _suppressed(tokens),
        "torch_dtype": "float16",
    }


def _generation(tokens: Tokens) -> dict[str, Any]:
    return {
        "alignment_heads": [list(head) for head in ALIGNMENT_HEADS],
        "begin_suppress_tokens": [tokens.id(SPACE)],
        "bos_token_id": tokens.end,
        "decoder_start_token_id": tokens.start,
        "eos_token_id": tokens.end,
        "pad_token_id": tokens.end,
        "is_multilingual": False,
        "max_initial_timestamp_index": 50,
        "max_length": 448,
        "no_timestamps_token_id": tokens.no_timestamps,
        "prev_sot_token_id": tokens.previous,
        "return_timestamps": False,
        "suppress_tokens": _suppressed(tokens),
    }


def _preprocessor() -> dict[str, Any]:
    return {
        "chunk_length": 30,
        "feature_extractor_type": "WhisperFeatureExtractor",
        "feature_size": 80,
        "hop_length": 160,
        "n_fft": 400,
        "n_samples": 480000,
        "nb_max_frames": 3000,
        "padding_side": "right",
        "padding_value": 0.0,
        "processor_class": "WhisperProcessor",
        "return_attention_mask": False,
        "sampling_rate": 16000,
    }


def _tokenizer(tokens: Tokens) -> dict[str, Any]:
    """Byte-level BPE without merges: whole words are looked up, everything else falls to bytes."""
    timestamps = [f"<|{step * TIMESTAMP_SECONDS:.2f}|>" for step in range(TIMESTAMPS)]
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    added = [
        {
            "id": tokens.end + number,
            "content": content,
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": content in SPECIAL_TOKENS,
        }
        for number, content in enumerate((*SPECIAL_TOKENS, *timestamps))
    ]
    end, start, plain = ({"SpecialToken": {"id": name, "type_id": 0}} for name in _NAMED_IN_TEMPLATE)
    text, pair = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [start, plain, text, end],
            "pair": [start, plain, text, pair, end],
            "special_tokens": {
                name: {"id": name, "ids": [tokens.end + SPECIAL_TOKENS.index(name)], "tokens": [name]}
                for name in _NAMED_IN_TEMPLATE
            },
        },
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": True,
            "vocab": {spelling: token for token, spelling in enumerate((*tokens.text, SPECIAL_TOKENS[0]))},
            "merges": [],
        },
    }


def _tokenizer_config() -> dict[str, Any]:
    end = SPECIAL_TOKENS[0]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": end,
        "eos_token": end,
        "unk_token": end,
        "pad_token": end,
        "model_max_length": 1024,
        "clean_up_tokenization_spaces": False,
        "processor_class": "WhisperProcessor",
    }
