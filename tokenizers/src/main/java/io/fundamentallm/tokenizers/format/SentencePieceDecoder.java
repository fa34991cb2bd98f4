package io.fundamentallm.tokenizers.format;

import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What pieces decode to, {@code SentencePieceProcessor::Decode} of sentencepiece_processor.cc:
 *
 * <ul>
 *   <li>control pieces are nothing, the unknown piece is the unknown surface;
 *   <li>U+2581 in any other piece is a space, but leading ones go as long as nothing has been
 *       written: one where a dummy prefix is added, one a piece where extra white space is removed;
 *   <li>a run of byte pieces is UTF-8, each byte that is no part of a character U+FFFD.
 * </ul>
 *
 * Immutable and thread-safe.
 */
public final class SentencePieceDecoder {
  private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

  private final SentencePieceModel model;
  private final byte[][] surfaces;
  private final @Nullable SentencePieceNormalizer denormalizer;

  /** A decoder of a model's pieces. */
  public SentencePieceDecoder(SentencePieceModel model) {
    this.model = model;
    surfaces = new byte[model.size()][];
    for (int id = 0; id < surfaces.length; id++) {
      surfaces[id] =
          switch (model.kinds()[id]) {
            case CONTROL -> new byte[0];
            case UNKNOWN -> model.unknownSurface().getBytes(StandardCharsets.UTF_8);
            case BYTE -> new byte[] {(byte) SentencePiecePieces.byteOf(model.pieces()[id])};
            default -> spaced(model.pieces()[id]);
          };
    }
    SentencePieceRules rules = model.denormalizer();
    denormalizer = rules == null ? null : new SentencePieceNormalizer(rules, null, false);
  }

  private static byte[] spaced(byte[] piece) {
    String text = new String(piece, StandardCharsets.UTF_8);
    return text.replace('\u2581', ' ').getBytes(StandardCharsets.UTF_8);
  }

  /**
   * What a piece decodes to in the middle of a text; of a byte piece, the byte. The array is shared:
   * read only.
   */
  public byte[] surface(int id) {
    return surfaces[id];
  }

  /** Whether a piece is a byte. */
  public boolean isByte(int id) {
    return model.kinds()[id] == SentencePieceModel.Kind.BYTE;
  }

  /**
   * Decodes pieces into UTF-8.
   *
   * @throws IllegalArgumentException if there is no such piece
   */
  public byte[] decode(int[] ids) {
    TextBuffer out = new TextBuffer();
    out.clear(false);
    boolean atStart = true;
    boolean consumed = false;
    for (int i = 0; i < ids.length; ) {
      int id = ids[i];
      if (id < 0 || id >= surfaces.length) {
        throw new IllegalArgumentException(
            "token " + id + " is outside the vocabulary [0, " + surfaces.length + ")");
      }
      if (isByte(id)) {
        i = decodeBytes(ids, i, out);
        continue;
      }
      atStart &= !consumed && out.length() == 0;
      byte[] surface = surfaces[id];
      boolean strip = atStart && stripsFrom(id);
      consumed = strip && !model.normalizer().removeExtraWhitespaces();
      append(surface, strip ? 1 : 0, out);
      i++;
    }
    if (denormalizer != null && out.length() > 0) {
      TextBuffer denormalized = new TextBuffer();
      denormalized.clear(false);
      denormalizer.normalize(out, denormalized);
      out = denormalized;
    }
    return Arrays.copyOf(out.bytes(), out.length());
  }

  /** Whether a piece loses a leading space if nothing stands before it. */
  private boolean stripsFrom(int id) {
    byte[] piece = model.pieces()[id];
    return (model.normalizer().addDummyPrefix() || model.normalizer().removeExtraWhitespaces())
        && SentencePieceVocabulary.inText(model.kinds()[id])
        && piece.length >= 3
        && SentencePieceUnits.isSpace(piece, 0);
  }

  private int decodeBytes(int[] ids, int from, TextBuffer out) {
    int to = from;
    while (to < ids.length && ids[to] >= 0 && ids[to] < surfaces.length && isByte(ids[to])) {
      to++;
    }
    byte[] bytes = new byte[to - from];
    for (int i = from; i < to; i++) {
      bytes[i - from] = surfaces[ids[i]][0];
    }
    for (int at = 0; at < bytes.length; ) {
      int size = characterSize(bytes, at);
      if (size == 0) {
        append(REPLACEMENT, 0, out);
        at++;
      } else {
        append(Arrays.copyOfRange(bytes, at, at + size), 0, out);
        at += size;
      }
    }
    return to;
  }

  /** The size of the well-formed character that begins here, or 0. */
  static int characterSize(byte[] bytes, int at) {
    int size = (bytes[at] & 0xC0) == 0x80 ? 0 : TextBuffer.sizeAt(bytes, at);
    if (size == 0 || at + size > bytes.length) {
      return 0;
    }
    for (int i = at + 1; i < at + size; i++) {
      if ((bytes[i] & 0xC0) != 0x80) {
        return 0;
      }
    }
    int c = TextBuffer.codePointAt(bytes, at);
    boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    boolean lead = (bytes[at] & 0xF8) != 0xF8;
    return lead && !surrogate && c <= Character.MAX_CODE_POINT && TextBuffer.size(c) == size
        ? size
        : 0;
  }

  private static void append(byte[] bytes, int from, TextBuffer out) {
    System.arraycopy(bytes, from, out.room(bytes.length), out.length(), bytes.length - from);
    out.advance(bytes.length - from, 0);
  }
}
