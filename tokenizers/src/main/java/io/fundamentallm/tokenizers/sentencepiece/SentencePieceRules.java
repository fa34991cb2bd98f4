package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.text.PrecompiledCharsmap;
import org.jspecify.annotations.Nullable;

/**
 * What SentencePiece's normalizer does, {@code NormalizerSpec} of sentencepiece_model.proto.
 *
 * @param charsmap replacements, or null for none
 * @param addDummyPrefix whether a space is put before the text, or after it
 * @param removeExtraWhitespaces whether leading, trailing and repeated spaces are removed
 * @param escapeWhitespaces whether spaces become U+2581
 */
public record SentencePieceRules(
    @Nullable PrecompiledCharsmap charsmap,
    boolean addDummyPrefix,
    boolean removeExtraWhitespaces,
    boolean escapeWhitespaces) {

  /** The defaults where a file says nothing. */
  static final SentencePieceRules DEFAULT = new SentencePieceRules(null, true, true, true);
}
