package io.fundamentallm.tokenizers;

import static io.fundamentallm.tokenizers.huggingface.TokenizerDesign.json;

import io.fundamentallm.spi.Options;
import io.fundamentallm.tokenizers.huggingface.TokenizerDesign;
import io.fundamentallm.tokenizers.split.Scanners;
import io.fundamentallm.tokenizers.train.BpeTrainer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the options of {@code bpe} mean.
 *
 * @param special the special tokens, in the order of their ids
 */
record BpeRecipe(TokenizerDesign design, BpeTrainer trainer, List<String> special) {
  static final String BYTE_LEVEL =
      """
      {"type": "ByteLevel", "add_prefix_space": %s, "trim_offsets": true, "use_regex": %s}
      """;

  private static final int BYTES = 256;
  private static final int DEFAULT_SIZE = 30_000;

  /** As in Llama's tokenizer.json; words are cut before their mark, and at line ends. */
  private static final String MARKING =
      """
      {"type": "Sequence", "normalizers": [
        {"type": "Prepend", "prepend": "▁"},
        {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]}
      """;

  private static final String MARKED_WORDS =
      """
      {"type": "Sequence", "pretokenizers": [
        {"type": "Split", "pattern": {"String": "▁"}, "behavior": "MergedWithNext",
         "invert": false},
        {"type": "Split", "pattern": {"String": "\\n"}, "behavior": "Isolated",
         "invert": false}]}
      """;

  private static final String UNMARKING =
      """
      {"type": "Sequence", "decoders": [
        {"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
        {"type": "ByteFallback"},
        {"type": "Fuse"},
        {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}
      """;

  static BpeRecipe of(Options options) {
    if (options.flag("byte-level", true)) {
      return byteLevel(options);
    }
    String prefix = options.text("continuing-subword-prefix", "");
    String suffix = options.text("end-of-word-suffix", "");
    if (!prefix.isEmpty() && !suffix.isEmpty()) {
      throw options.bad("continuing-subword-prefix", prefix, "empty beside an end-of-word-suffix");
    }
    boolean affixed = !prefix.isEmpty() || !suffix.isEmpty();
    return affixed ? affixed(options, prefix, suffix) : marked(options);
  }

  /** As GPT-2, or with another pattern. */
  private static BpeRecipe byteLevel(Options options) {
    String pattern = NamedPatterns.of(options, "pattern", "gpt2");
    List<String> special = special(options, null);
    requireRoomForBytes(options, special);
    String split =
        pattern.equals(Scanners.GPT2_PATTERN)
            ? String.format(BYTE_LEVEL, false, true)
            : String.format(
                """
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "pattern": {"Regex": %s}, "behavior": "Isolated",
                   "invert": false},
                  %s]}
                """,
                json(pattern), String.format(BYTE_LEVEL, false, false));
    return new BpeRecipe(
        TokenizerDesign.of(
            "null",
            split,
            "null",
            String.format(BYTE_LEVEL, true, true),
            model("", "", null, false)),
        bpe(options, special).byteLevel(true).build(),
        special);
  }

  /** As in SentencePiece: spaces are characters, and words begin with theirs. */
  private static BpeRecipe marked(Options options) {
    boolean fallback = options.flag("byte-fallback", true);
    @Nullable String unknown =
        fallback ? null : LearningOptions.form(options, "unk-token", "<unk>");
    List<String> special = special(options, unknown);
    if (fallback) {
      requireRoomForBytes(options, special);
    }
    return new BpeRecipe(
        TokenizerDesign.of(
            MARKING, MARKED_WORDS, "null", UNMARKING, model("", "", unknown, fallback)),
        alphabet(options, bpe(options, special)).byteFallback(fallback).build(),
        special);
  }

  /** As in Hugging Face's CharBPETokenizer: words are marked where they end or continue. */
  private static BpeRecipe affixed(Options options, String prefix, String suffix) {
    String unknown = LearningOptions.form(options, "unk-token", "<unk>");
    List<String> special = special(options, unknown);
    String decoder =
        suffix.isEmpty()
            ? "{\"type\": \"WordPiece\", \"prefix\": " + json(prefix) + ", \"cleanup\": false}"
            : "{\"type\": \"BPEDecoder\", \"suffix\": " + json(suffix) + "}";
    return new BpeRecipe(
        TokenizerDesign.of(
            "null",
            "{\"type\": \"BertPreTokenizer\"}",
            "null",
            decoder,
            model(prefix, suffix, unknown, false)),
        alphabet(options, bpe(options, special))
            .continuingSubwordPrefix(prefix)
            .endOfWordSuffix(suffix)
            .build(),
        special);
  }

  private static List<String> special(Options options, @Nullable String unknown) {
    return LearningOptions.special(options, LearningOptions.SPECIAL, unknown);
  }

  /** All bytes are tokens, so a smaller vocabulary cannot be. */
  private static void requireRoomForBytes(Options options, List<String> special) {
    int least = special.size() + BYTES;
    int asked = LearningOptions.vocabSize(options, DEFAULT_SIZE);
    if (asked < least) {
      throw options.bad(
          "vocab-size",
          String.valueOf(asked),
          "at least "
              + least
              + ", which "
              + BYTES
              + " bytes and "
              + special.size()
              + " special tokens take");
    }
  }

  /** Settings for every kind of trainer. */
  static BpeTrainer.Builder trainer(Options options, List<String> special) {
    return BpeTrainer.builder()
        .vocabSize(LearningOptions.vocabSize(options, DEFAULT_SIZE))
        .minFrequency(options.integer("min-frequency", 0, 0, Integer.MAX_VALUE))
        .specialTokens(special);
  }

  /** Settings for trainers that learn their alphabet. */
  static BpeTrainer.Builder alphabet(Options options, BpeTrainer.Builder trainer) {
    int limit = LearningOptions.limitAlphabet(options);
    trainer.initialAlphabet(options.text("initial-alphabet", ""));
    return limit < 0 ? trainer : trainer.limitAlphabet(limit);
  }

  private static BpeTrainer.Builder bpe(Options options, List<String> special) {
    return trainer(options, special)
        .maxTokenLength(
            options.integer("max-token-length", Integer.MAX_VALUE, 1, Integer.MAX_VALUE));
  }

  static String model(
      String prefix, String suffix, @Nullable String unknown, boolean byteFallback) {
    return String.format(
        """
        {"type": "BPE", "dropout": null, "unk_token": %s, "continuing_subword_prefix": %s,
         "end_of_word_suffix": %s, "fuse_unk": %s, "byte_fallback": %s, "ignore_merges": false}
        """,
        json(unknown),
        json(prefix.isEmpty() ? null : prefix),
        json(suffix.isEmpty() ? null : suffix),
        unknown != null,
        byteFallback);
  }
}
