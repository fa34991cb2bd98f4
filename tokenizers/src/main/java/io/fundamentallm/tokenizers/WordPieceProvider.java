package io.fundamentallm.tokenizers;

import static io.fundamentallm.tokenizers.huggingface.TokenizerDesign.json;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.huggingface.TokenizerDesign;
import io.fundamentallm.tokenizers.train.BpeTrainer;
import java.util.List;

/**
 * {@code wordpiece}: the longest known beginning of each word, then of its rest, as in BERT (Devlin
 * et al., NAACL 2019), learned as Hugging Face's {@code WordPieceTrainer} does. The set-up is that
 * of its {@code BertWordPieceTokenizer}: control characters are dropped, as are accents and case
 * where text is lowercased, words end at white space and punctuation, and {@code [CLS]} and {@code
 * [SEP]} are put around a text when special tokens are added. White space does not come back.
 *
 * <p>Options are that trainer's and that tokenizer's; where their defaults differ, the trainer's
 * apply:
 *
 * <ul>
 *   <li>{@code vocab-size} (30000): how many tokens; the whole alphabet is kept even if it is
 *       larger
 *   <li>{@code min-frequency} (0): how often a pair must occur to be merged
 *   <li>{@code special-tokens}: a list split by commas; by default {@code [PAD]}, {@code [UNK]},
 *       {@code [CLS]}, {@code [SEP]} and {@code [MASK]}, or none with {@code special=false}
 *   <li>{@code unk-token} ({@code [UNK]}): what words that cannot be cut become; the first token,
 *       unless it is among the special tokens
 *   <li>{@code limit-alphabet} (no limit): how many characters to keep, the most frequent
 *   <li>{@code initial-alphabet} (none): characters to keep even where they do not occur
 *   <li>{@code continuing-subword-prefix} ({@code ##}): the mark of tokens that continue a word
 *   <li>{@code lowercase} (true), {@code strip-accents} (as {@code lowercase}), {@code clean-text}
 *       (true), {@code handle-chinese-chars} (true): BERT's normalization
 * </ul>
 */
public final class WordPieceProvider extends LearningProvider {
  private static final List<String> SPECIAL = List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]");

  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public WordPieceProvider() {}

  @Override
  public String name() {
    return "wordpiece";
  }

  @Override
  public Tokenizer learn(
      Iterable<? extends CharSequence> texts, Options options, Learning learning) {
    String unknown = LearningOptions.form(options, "unk-token", "[UNK]");
    List<String> special = LearningOptions.special(options, SPECIAL, unknown);
    String prefix = LearningOptions.form(options, "continuing-subword-prefix", "##");
    // BPE training with a prefix on what continues a word; only the vocabulary is kept
    BpeTrainer trainer =
        BpeRecipe.alphabet(options, BpeRecipe.trainer(options, special))
            .continuingSubwordPrefix(prefix)
            .build();
    TokenizerDesign design =
        TokenizerDesign.of(
            normalizer(options),
            "{\"type\": \"BertPreTokenizer\"}",
            postProcessor(special),
            "{\"type\": \"WordPiece\", \"prefix\": " + json(prefix) + ", \"cleanup\": true}",
            String.format(
                """
                {"type": "WordPiece", "unk_token": %s, "continuing_subword_prefix": %s,
                 "max_input_chars_per_word": 100}
                """,
                json(unknown), json(prefix)));
    options.requireAllUsed(); // before, not after all the work
    List<String> forms = trainer.train(design.words(texts, learning), learning).forms();
    return design.with(special, forms, null, List.of());
  }

  private static String normalizer(Options options) {
    return String.format(
        """
        {"type": "BertNormalizer", "clean_text": %s, "handle_chinese_chars": %s,
         "strip_accents": %s, "lowercase": %s}
        """,
        options.flag("clean-text", true),
        options.flag("handle-chinese-chars", true),
        options.has("strip-accents") ? options.flag("strip-accents", true) : "null",
        options.flag("lowercase", true));
  }

  private static String postProcessor(List<String> special) {
    int begin = special.indexOf("[CLS]");
    int end = special.indexOf("[SEP]");
    return begin < 0 || end < 0
        ? "null"
        : String.format(
            "{\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", %d], \"cls\": [\"[CLS]\", %d]}",
            end, begin);
  }
}
