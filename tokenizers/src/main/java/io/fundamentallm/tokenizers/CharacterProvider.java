package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code character}: one token for each Unicode code point. The vocabulary is learned: the distinct
 * code points of the texts get the ids from 0 in ascending order, and after them come the special
 * tokens {@code <|begin|>}, {@code <|end|>}, {@code <|pad|>} and, where the policy is {@code unk},
 * {@code <|unk|>}. {@code character(special=false)} leaves out the first three.
 *
 * <p>{@code character(unknown=…)} says what becomes of a character outside the vocabulary:
 *
 * <ul>
 *   <li>{@code error}, unless told otherwise: encoding throws {@link IllegalArgumentException} that
 *       names the character and its index;
 *   <li>{@code unk}: it becomes the token {@code <|unk|>};
 *   <li>{@code skip}: it is left out.
 * </ul>
 *
 * <p>On disk {@code error} and {@code unk} are a WordLevel model behind a pre-tokenizer that splits
 * off every character, and {@code skip} is a BPE model without merges; Hugging Face's library does
 * the same with each.
 */
public final class CharacterProvider extends LearningProvider {
  /** Used by {@link java.util.ServiceLoader}, or to give this kind to a registry by hand. */
  public CharacterProvider() {}

  @Override
  public String name() {
    return "character";
  }

  @Override
  public Tokenizer learn(Iterable<? extends CharSequence> texts, Options options) {
    UnknownPolicy unknown =
        switch (options.choice("unknown", "error", List.of("error", "unk", "skip"))) {
          case "unk" -> UnknownPolicy.UNK;
          case "skip" -> UnknownPolicy.SKIP;
          default -> UnknownPolicy.ERROR;
        };
    SpecialRoles roles = options.flag("special", true) ? SpecialRoles.TEXT : SpecialRoles.NONE;
    @Nullable String unk = unknown == UnknownPolicy.UNK ? SpecialRoles.UNK : null;
    return CharacterTokenizer.learn(texts, unknown, roles.withUnk(unk));
  }
}
