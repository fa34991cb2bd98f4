package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.gguf.section.GgufWriter;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A small sound tokenizer in each format, to be broken. */
final class SoundFiles {
  private static final String BYTE_BPE =
      """
      {"version": "1.0",
       "truncation": {"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 2},
       "padding": {"strategy": {"Fixed": 8}, "direction": "Left", "pad_to_multiple_of": 4,
                   "pad_id": 1, "pad_type_id": 0, "pad_token": "b"},
       "added_tokens": [{"id": 7, "content": "<s>", "special": true, "normalized": false},
                        {"id": 8, "content": "<x>", "lstrip": true, "normalized": true}],
       "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "ByteLevel"}]},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
         {"type": "Split", "pattern": {"Regex": "\\\\p{L}+|\\\\s+(?!\\\\S)|[^\\\\s]"},
          "behavior": "Isolated", "invert": false},
         {"type": "ByteLevel", "add_prefix_space": true, "use_regex": false}]},
       "post_processor": {"type": "Sequence", "processors": [
         {"type": "ByteLevel", "trim_offsets": true, "add_prefix_space": true},
         {"type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
                     {"Sequence": {"id": "A", "type_id": 0}}],
          "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
          "special_tokens": {"<s>": {"id": "<s>", "ids": [7], "tokens": ["<s>"]}}}]},
       "decoder": {"type": "ByteLevel"},
       "model": {"type": "BPE", "unk_token": null, "fuse_unk": false, "ignore_merges": false,
         "vocab": {"a": 0, "b": 1, "c": 2, "\u0120": 3, "ab": 4, "\u0120ab": 5, "abc": 6},
         "merges": ["a b", ["\u0120", "ab"], "ab c"]}}
      """;

  private static final String CHARACTER_BPE =
      """
      {"added_tokens": [{"id": 0, "content": "<unk>", "special": true}],
       "normalizer": {"type": "Sequence", "normalizers": [
         {"type": "Prepend", "prepend": "\u2581"},
         {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
       "pre_tokenizer": null,
       "post_processor": {"type": "RobertaProcessing", "sep": ["<unk>", 0], "cls": ["a", 1],
                          "trim_offsets": true, "add_prefix_space": false},
       "decoder": {"type": "Sequence", "decoders": [
         {"type": "Replace", "pattern": {"String": "\u2581"}, "content": " "},
         {"type": "ByteFallback"}, {"type": "Fuse"},
         {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
       "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
         "vocab": {"<unk>": 0, "a": 1, "b": 2, "\u2581": 3, "ab": 4, "\u2581ab": 5, "<0x63>": 6},
         "merges": ["a b", "\u2581 ab"]}}
      """;

  private static final String SUFFIXED_BPE =
      """
      {"normalizer": {"type": "Lowercase"},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
         {"type": "CharDelimiterSplit", "delimiter": "-"}, {"type": "UnicodeScripts"},
         {"type": "FixedLength", "length": 5}, {"type": "WhitespaceSplit"}]},
       "decoder": {"type": "BPEDecoder", "suffix": "</w>"},
       "model": {"type": "BPE", "unk_token": "a", "end_of_word_suffix": "</w>",
         "continuing_subword_prefix": "#",
         "vocab": {"a": 0, "b</w>": 1, "#b": 2, "ab": 3, "#b</w>": 4, "ab</w>": 5},
         "merges": ["a #b", "a #b</w>"]}}
      """;

  private static final String UNIGRAM =
      """
      {"added_tokens": [{"id": 0, "content": "<unk>", "special": true}],
       "normalizer": {"type": "Sequence", "normalizers": [
         {"type": "Nmt"}, {"type": "NFKC"}, {"type": "Precompiled", "precompiled_charsmap": ""},
         {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
       "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always",
                         "split": true},
       "post_processor": {"type": "TemplateProcessing",
          "single": [{"Sequence": {"id": "A", "type_id": 0}}], "pair": [], "special_tokens": {}},
       "decoder": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"},
       "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
         "vocab": [["<unk>", 0.0], ["a", -1.5], ["\u2581", -2], ["ab", -1e-3], ["b", -3.25]]}}
      """;

  private static final String WORD_PIECE =
      """
      {"added_tokens": [{"id": 0, "content": "[UNK]", "special": true}],
       "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                      "strip_accents": null, "lowercase": true},
       "pre_tokenizer": {"type": "BertPreTokenizer"},
       "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
       "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
         "max_input_chars_per_word": 100,
         "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "ab": 3, "##c": 4, "a": 5}}}
      """;

  private static final String WORD_LEVEL =
      """
      {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "NFD"},
         {"type": "StripAccents"}, {"type": "Strip", "strip_left": true, "strip_right": false}]},
       "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Whitespace"},
         {"type": "Punctuation", "behavior": "Contiguous"},
         {"type": "Digits", "individual_digits": true}]},
       "post_processor": null,
       "decoder": {"type": "CTC", "pad_token": "<pad>", "word_delimiter_token": "|",
                   "cleanup": true},
       "model": {"type": "WordLevel", "unk_token": "<unk>",
         "vocab": {"<unk>": 0, "ab": 1, "<pad>": 2, "|": 3}}}
      """;

  private SoundFiles() {}

  /** Each tokenizer's files by name; the first one is what is loaded, or its directory. */
  static Map<String, Map<String, byte[]>> all() {
    Map<String, Map<String, byte[]>> all = new LinkedHashMap<>();
    all.put("byte-level BPE", json(BYTE_BPE));
    all.put("BPE", json(CHARACTER_BPE));
    all.put("BPE with affixes", json(SUFFIXED_BPE));
    all.put("Unigram", json(UNIGRAM));
    all.put("WordPiece", json(WORD_PIECE));
    all.put("WordLevel", json(WORD_LEVEL));
    Map<String, byte[]> gpt2 = new LinkedHashMap<>();
    gpt2.put("merges.txt", utf8("#version: 0.2\na b\n\u0120 ab\n"));
    gpt2.put("vocab.json", utf8("{\"a\": 0, \"b\": 1, \"ab\": 2, \"\u0120\": 3, \"\u0120ab\": 4}"));
    all.put("vocab.json and merges.txt", gpt2);
    all.put("vocab.txt", Map.of("vocab.txt", utf8("[PAD]\n[UNK]\n[CLS]\n[SEP]\nab\n##c\na\n")));
    all.put("tiktoken", Map.of("r50k_base.tiktoken", tiktoken()));
    all.put("SentencePiece BPE", Map.of("tokenizer.model", sentencePiece(2)));
    all.put("SentencePiece Unigram", Map.of("tokenizer.model", sentencePiece(1)));
    all.put("GGUF llama", Map.of("model.gguf", ggufLlama().bytes()));
    all.put("GGUF gpt2", Map.of("model.gguf", ggufGpt2().bytes()));
    return all;
  }

  static Map<String, byte[]> json(String json) {
    return Map.of("tokenizer.json", utf8(json));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] tiktoken() {
    StringBuilder lines = new StringBuilder();
    for (int b = 0; b < 256; b++) {
      lines.append(Base64.getEncoder().encodeToString(new byte[] {(byte) b}));
      lines.append(' ').append(b).append('\n');
    }
    return utf8(lines + "YWI= 256\nYWJj 257\nIGFi 258\n");
  }

  private static byte[] sentencePiece(int type) {
    return SentencePieceFile.plain(type)
        .piece("a", -1, SentencePieceFile.NORMAL)
        .piece("b", -2, SentencePieceFile.NORMAL)
        .piece("ab", -1.5f, SentencePieceFile.NORMAL)
        .piece("\u2581ab", -1.25f, SentencePieceFile.NORMAL)
        .piece("xy", 0, SentencePieceFile.USER_DEFINED)
        .piece("abb", -3, SentencePieceFile.UNUSED)
        .bytes();
  }

  private static GgufWriter ggufLlama() {
    return new GgufWriter()
        .string("tokenizer.ggml.model", "llama")
        .strings("tokenizer.ggml.tokens", List.of("<unk>", "<s>", "a", "b", "ab", "\u2581"))
        .floats("tokenizer.ggml.scores", 0, 0, -1, -2, -3, -4)
        .ints("tokenizer.ggml.token_type", 2, 3, 1, 1, 1, 1)
        .uint32("tokenizer.ggml.bos_token_id", 1)
        .uint32("tokenizer.ggml.unknown_token_id", 0)
        .bool("tokenizer.ggml.add_bos_token", true);
  }

  private static GgufWriter ggufGpt2() {
    return new GgufWriter()
        .string("tokenizer.ggml.model", "gpt2")
        .string("tokenizer.ggml.pre", "llama-bpe")
        .strings("tokenizer.ggml.tokens", List.of("a", "b", "ab", "<|end|>"))
        .strings("tokenizer.ggml.merges", List.of("a b"))
        .ints("tokenizer.ggml.token_type", 1, 1, 1, 3)
        .uint32("tokenizer.ggml.eos_token_id", 3);
  }

  /** Loads what lies in a directory by the provider of its kind, without a look at others. */
  static Tokenizer load(Path directory) throws IOException {
    Options options = Options.of("tokenizer", Map.of());
    if (Files.exists(directory.resolve("r50k_base.tiktoken"))) {
      return new TiktokenProvider().load(directory, options);
    } else if (Files.exists(directory.resolve("tokenizer.model"))) {
      return new SentencePieceProvider().load(directory, options);
    } else if (Files.exists(directory.resolve("model.gguf"))) {
      return new GgufProvider().load(directory, options);
    }
    return new HuggingFaceProvider().load(directory, options);
  }

  static void write(Map<String, byte[]> files, Path directory) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(directory.resolve(file.getKey()), file.getValue());
    }
  }

  static void delete(Map<String, byte[]> files, Path directory) throws IOException {
    for (String file : files.keySet()) {
      Files.deleteIfExists(directory.resolve(file));
    }
  }
}
