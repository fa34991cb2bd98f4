package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.huggingface.TokenizerDesign;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;

/**
 * {@code character}: one token for each Unicode code point. The vocabulary is learned: the distinct
 * code points of the texts get the ids from 0 in ascending order, and after them come the special
 * tokens {@code <|begin|>}, {@code <|end|>}, {@code <|pad|>} and, where the policy is {@code unk},
 * {@code <|unk|>}. {@code character(special=false)} leaves out the first three.
 *
 * <p>{@code character(unknown=…)} says what happens to a character outside the vocabulary:
 *
 * <ul>
 *   <li>{@code error}, the default: encoding throws an {@link IllegalArgumentException} that names
 *       the character and its index;
 *   <li>{@code unk}: it becomes the token {@code <|unk|>};
 *   <li>{@code skip}: it is left out.
 * </ul>
 *
 * <p>On disk {@code error} and {@code unk} are a WordLevel model after a pre-tokenizer that splits
 * off every character, and {@code skip} is a BPE model without merges; Hugging Face's library does
 * the same with each.
 */
public final class CharacterProvider extends LearningProvider {
  private static final String UNK = "<|unk|>";

  private static final String EVERY_CHARACTER =
      """
      {"type": "Split", "pattern": {"Regex": "[\\\\s\\\\S]"}, "behavior": "Isolated", "invert": false}
      """;

  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public CharacterProvider() {}

  @Override
  public String name() {
    return "character";
  }

  @Override
  public Tokenizer learn(Iterable<? extends CharSequence> texts, Options options) {
    String unknown = options.choice("unknown", "error", List.of("error", "unk", "skip"));
    List<String> special = new ArrayList<>();
    if (options.flag("special", true)) {
      special.addAll(LearningOptions.SPECIAL);
    }
    if (unknown.equals("unk")) {
      special.add(UNK);
    }
    List<String> forms = characters(texts);
    forms.addAll(special);
    boolean skip = unknown.equals("skip");
    return TokenizerDesign.of(
            "null",
            skip ? "null" : EVERY_CHARACTER,
            "null",
            "{\"type\": \"Fuse\"}",
            skip
                ? BpeRecipe.model("", "", null, false)
                : "{\"type\": \"WordLevel\", \"unk_token\": \"" + UNK + "\"}")
        .with(special, forms, null, List.of());
  }

  /** The characters of the texts, ascending; lone surrogates as U+FFFD. */
  private static List<String> characters(Iterable<? extends CharSequence> texts) {
    BitSet codePoints = new BitSet();
    for (CharSequence text : texts) {
      text.codePoints()
          .forEach(c -> codePoints.set(c >>> 11 == Character.MIN_SURROGATE >>> 11 ? 0xFFFD : c));
    }
    if (codePoints.isEmpty()) {
      throw new IllegalArgumentException(
          "tokenizer \"character\" learns its vocabulary from text, and the texts are empty");
    }
    return codePoints.stream()
        .mapToObj(Character::toString)
        .collect(Collectors.toCollection(ArrayList::new));
  }
}
