package io.fundamentallm.tokenizers.model;

import static io.fundamentallm.tokenizers.model.ByteStrings.SLACK;

import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.util.Arrays;

/**
 * Each byte, or each character, is a token by itself: BPE that has no merges, and WordLevel where
 * every character is a word. Immutable and thread-safe.
 */
public final class Symbols implements Model {
  /** Leaves an unknown character out. */
  public static final int OMIT = -1;

  /** Refuses a text with an unknown character. */
  public static final int REFUSE = -2;

  private static final int NONE = -1;
  private static final String ADVICE =
      "; a tokenizer learned with character(unknown=unk) encodes such characters as <|unk|>, one"
          + " learned with character(unknown=skip) leaves them out";

  private final boolean bytes;

  /** By byte, or by code point up to the highest of the basic plane. */
  private final int[] ids;

  /** Characters beyond the basic plane. */
  private final ByteStrings tokens;

  private final int unknown;

  private Symbols(boolean bytes, int[] ids, ByteStrings tokens, int unknown) {
    this.bytes = bytes;
    this.ids = ids;
    this.tokens = tokens;
    this.unknown = unknown;
  }

  /**
   * Bytes.
   *
   * @param ids the id of each of the 256
   */
  public static Symbols bytes(int[] ids, ByteStrings tokens) {
    return new Symbols(true, ids.clone(), tokens, REFUSE);
  }

  /**
   * Characters.
   *
   * @param unknown what stands for a character that is not a token: an id, {@link #OMIT} or {@link
   *     #REFUSE}
   */
  public static Symbols characters(ByteStrings tokens, int unknown) {
    int[] ids = new int[0x80];
    Arrays.fill(ids, NONE);
    for (int id = 0; id < tokens.size(); id++) {
      int length = tokens.length(id);
      if (length == 0 || length > 3) {
        continue; // four bytes lead beyond the basic plane
      }
      byte[] text = Arrays.copyOf(tokens.bytes(id), length + SLACK);
      if (TextBuffer.sizeAt(text, 0) == length) {
        int c = TextBuffer.codePointAt(text, 0);
        int size = ids.length;
        if (c >= size) {
          ids = Arrays.copyOf(ids, Math.max(c + 1, Math.min(2 * size, 0x10000)));
          Arrays.fill(ids, size, ids.length, NONE);
        }
        ids[c] = tokens.find(text, 0, length);
      }
    }
    return new Symbols(false, ids, tokens, unknown);
  }

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    for (int i = 0, count = pieces.count(); i < count; i++) {
      if (bytes) {
        encodeBytes(text, pieces.start(i), pieces.end(i), out);
      } else {
        encodeCharacters(text, pieces.start(i), pieces.end(i), out);
      }
    }
  }

  private void encodeBytes(byte[] text, int from, int to, TokenSink out) {
    int[] table = ids;
    int n = out.length();
    int[] buffer = out.reserve(to - from);
    for (int i = from; i < to; i++) {
      buffer[n + i - from] = table[text[i] & 0xFF];
    }
    out.length(n + to - from);
    for (int i = from; out.ranged() && i < to; i++) {
      out.range(n + i - from, i, i + 1);
    }
  }

  private void encodeCharacters(byte[] text, int from, int to, TokenSink out) {
    int[] table = ids;
    boolean ranged = out.ranged();
    int[] buffer = out.reserve(to - from);
    int n = out.length();
    int end;
    for (int i = from; i < to; i = end) {
      if (text[i] >= 0 && !ranged && table[text[i]] >= 0) { // most of most texts
        buffer[n++] = table[text[i]];
        end = i + 1;
        continue;
      }
      end = i + TextBuffer.sizeAt(text, i);
      int c = TextBuffer.codePointAt(text, i);
      int id = c < table.length ? table[c] : c > 0xFFFF ? tokens.find(text, i, end) : NONE;
      if (id == NONE) {
        if (unknown == REFUSE) {
          throw new UnknownTextException(i, end, ADVICE);
        }
        id = unknown;
      }
      if (id != OMIT) {
        if (ranged) {
          out.range(n, i, end);
        }
        buffer[n++] = id;
      }
    }
    out.length(n);
  }

  @Override
  public boolean cuttable(boolean marked) {
    return true;
  }
}
