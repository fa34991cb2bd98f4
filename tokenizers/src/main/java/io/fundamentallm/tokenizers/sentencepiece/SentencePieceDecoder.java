package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.pipeline.Pipeline;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Set;

/**
 * What pieces look like in text, {@code SentencePieceProcessor::Decode} of
 * sentencepiece_processor.cc:
 *
 * <ul>
 *   <li>U+2581 is a space, but one at the beginning of a text is dropped if a dummy prefix is added
 *       or extra white space is removed;
 *   <li>a byte piece is its byte, the unknown piece is the unknown surface;
 *   <li>control pieces are as they are written, for callers that do not skip them; in SentencePiece
 *       they are nothing.
 * </ul>
 *
 * <p>Where extra white space is removed, the original takes a space from each piece until something
 * has been written; this takes one only from the first piece, since no text encodes to a space
 * piece before another one. A denormalizer's replacements are made piece by piece. Immutable and
 * thread-safe.
 */
public final class SentencePieceDecoder implements Pipeline.TokenDecoder {
  /** More than the largest model has. */
  private static final int MAX_BYTES = 64 << 20;

  private final byte[][] texts;

  /** Pieces that lose a space at the beginning of a text. */
  private final BitSet stripped = new BitSet();

  /**
   * The decoder of a model.
   *
   * @param special the pieces that are control tokens
   * @throws IllegalArgumentException when the denormalizer makes too much of the pieces
   */
  public SentencePieceDecoder(SentencePieceModel model, Set<Integer> special) {
    SentencePieceRules rules = model.normalizer();
    boolean strips = rules.addDummyPrefix() || rules.removeExtraWhitespaces();
    texts = new byte[model.size()][];
    long bytes = 0;
    for (int id = 0; id < texts.length; id++) {
      byte[] piece = model.pieces()[id];
      Kind kind = model.kinds()[id];
      if (special.contains(id) || kind == Kind.CONTROL) {
        texts[id] = piece;
      } else if (kind == Kind.BYTE) {
        texts[id] = new byte[] {(byte) SentencePiecePieces.byteOf(piece)};
      } else if (kind == Kind.UNKNOWN) {
        texts[id] = denormalized(model, model.unknownSurface());
      } else {
        texts[id] = denormalized(model, model.piece(id).replace('\u2581', ' '));
        stripped.set(id, strips && model.piece(id).startsWith("\u2581") && texts[id].length > 0);
      }
      bytes += texts[id].length;
      if (bytes > MAX_BYTES) {
        throw new IllegalArgumentException(
            "its denormalizer makes more than " + MAX_BYTES + " bytes of the pieces");
      }
    }
  }

  private static byte[] denormalized(SentencePieceModel model, String text) {
    SentencePieceRules rules = model.denormalizer();
    if (rules == null) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    // its rules on spaces are off in every model that SentencePiece trains
    SentencePieceRules replacements = new SentencePieceRules(rules.charsmap(), false, false, false);
    TextBuffer in = new TextBuffer();
    in.add(text, 0, text.length(), 0);
    TextBuffer out = new TextBuffer();
    new SentencePieceNormalizer(replacements, null, false).normalize(in, out);
    return Arrays.copyOf(out.bytes(), out.length());
  }

  @Override
  public byte[] bytes(int token, int previous) {
    byte[] text = texts[token];
    boolean strip = previous < 0 && stripped.get(token) && text[0] == ' ';
    return Arrays.copyOfRange(text, strip ? 1 : 0, text.length);
  }

  @Override
  public byte[] bytes(int token) {
    return texts[token].clone();
  }
}
