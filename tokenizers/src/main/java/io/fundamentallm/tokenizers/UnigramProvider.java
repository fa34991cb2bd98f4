package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.huggingface.TokenizerDesign;
import io.fundamentallm.tokenizers.train.LearnedUnigram;
import io.fundamentallm.tokenizers.train.UnigramTrainer;
import java.util.List;

/**
 * {@code unigram}: the most likely way to cut a text into pieces that each have a probability
 * (Kudo: "Subword regularization", ACL 2018), learned by the rules of Hugging Face's {@code
 * UnigramTrainer}. The set-up is that of its {@code SentencePieceUnigramTokenizer}: line ends and
 * other white space become spaces, compatible characters are unified (NFKC), runs of spaces become
 * one, and spaces become {@code ▁}, with one before the text. So text comes back in its normalized
 * form. Ids go to the unknown token, the special tokens, and the pieces by descending score.
 *
 * <p>Options are that trainer's, with its defaults:
 *
 * <ul>
 *   <li>{@code vocab-size} (8000): how many tokens; all characters are kept even if there are more
 *   <li>{@code special-tokens}: a list split by commas; by default {@code <|begin|>}, {@code
 *       <|end|>} and {@code <|pad|>}, or none with {@code special=false}
 *   <li>{@code unk-token} ({@code <unk>}): what characters that did not occur become; the first
 *       token, unless it is among the special tokens
 *   <li>{@code initial-alphabet} (none): characters to keep even where they do not occur
 *   <li>{@code max-piece-length} (16): the most characters in a piece
 *   <li>{@code n-sub-iterations} (2): estimation rounds between two prunings
 *   <li>{@code shrinking-factor} (0.75, from 0.01 to 0.99): the share of the pieces that each
 *       pruning keeps
 *   <li>{@code seed-size} (1000000): how many pieces to begin with
 * </ul>
 */
public final class UnigramProvider extends LearningProvider {
  /**
   * Begins with what {@code Nmt} does, written out: not every reader of such files knows that name.
   */
  private static final String NORMALIZER =
      """
      {"type": "Sequence", "normalizers": [
        {"type": "Replace", "pattern": {"Regex":
          "[\\u0001-\\u0008\\u000B\\u000E-\\u001F\\u007F\\u008F\\u009F]"}, "content": ""},
        {"type": "Replace", "pattern": {"Regex":
          "[\\t\\n\\f\\r\\u1680\\u200B-\\u200F\\u2028\\u2029\\u2581\\uFEFF\\uFFFD]"}, "content": " "},
        {"type": "NFKC"},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]}
      """;

  /** The pre-tokenizer, and the decoder. */
  private static final String METASPACE =
      """
      {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true}
      """;

  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public UnigramProvider() {}

  @Override
  public String name() {
    return "unigram";
  }

  @Override
  public Tokenizer learn(
      Iterable<? extends CharSequence> texts, Options options, Learning learning) {
    String unknown = LearningOptions.form(options, "unk-token", "<unk>");
    List<String> special = LearningOptions.special(options, LearningOptions.SPECIAL, unknown);
    UnigramTrainer trainer =
        UnigramTrainer.builder()
            .vocabSize(LearningOptions.vocabSize(options, 8_000))
            .specialTokens(special)
            .unknownToken(unknown)
            .initialAlphabet(options.text("initial-alphabet", ""))
            .maxPieceLength(options.integer("max-piece-length", 16, 1, 1_000))
            .subIterations(options.integer("n-sub-iterations", 2, 1, 1_000))
            .shrinkingFactor(options.real("shrinking-factor", 0.75, Range.closed(0.01, 0.99)))
            .seedSize(options.integer("seed-size", 1_000_000, 1, Integer.MAX_VALUE))
            .build();
    options.requireAllUsed(); // before, not after all the work
    TokenizerDesign design =
        TokenizerDesign.of(
            NORMALIZER,
            METASPACE,
            "null",
            METASPACE,
            String.format(
                "{\"type\": \"Unigram\", \"unk_id\": %d, \"byte_fallback\": false}",
                special.indexOf(unknown)));
    LearnedUnigram learned = trainer.train(design.words(texts, learning), learning);
    return design.with(special, learned.pieces(), learned.scores(), List.of());
  }
}
