package io.fundamentallm.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.internal.buffers.LongHistory;
import io.fundamentallm.internal.buffers.Utf8Sequence;
import io.fundamentallm.model.Stateful;
import io.fundamentallm.text.DetokenizerOptions.Malformed;
import java.util.BitSet;

/** Turns tokens into complete code points, regardless of their meaning. */
final class TokenText implements Stateful {
  private static final int NO_TOKEN = -1;

  private final Tokenizer tokenizer;
  private final BitSet skipped;
  private final Malformed malformed;

  /**
   * The low half is the previous token; above it are the bytes held back, at most three, and the
   * highest byte is their number.
   */
  private final LongHistory history;

  TokenText(Tokenizer tokenizer, BitSet skipped, Malformed malformed) {
    this(tokenizer, skipped, malformed, new LongHistory(state(NO_TOKEN, new byte[0], 0)));
  }

  private TokenText(Tokenizer tokenizer, BitSet skipped, Malformed malformed, LongHistory history) {
    this.tokenizer = tokenizer;
    this.skipped = skipped;
    this.malformed = malformed;
    this.history = history;
  }

  String append(int token) {
    long before = history.last();
    if (token >= 0 && skipped.get(token)) {
      history.add(before);
      return "";
    }
    byte[] bytes = afterHeld(before, tokenizer.bytes(token, (int) before));
    StringBuilder text = null;
    int from = 0;
    int at = 0;
    while (at < bytes.length) {
      int length = Utf8Sequence.length(bytes, at, bytes.length);
      if (length == 0) {
        break;
      } else if (length > 0) {
        at += length;
      } else {
        if (malformed == Malformed.REPORT) {
          throw new IllegalArgumentException(
              "token " + token + " at index " + history.length() + " makes malformed UTF-8");
        }
        text = text == null ? new StringBuilder() : text;
        text.append(new String(bytes, from, at - from, UTF_8));
        text.append(malformed == Malformed.REPLACE ? "\uFFFD" : "");
        at -= length;
        from = at;
      }
    }
    history.add(state(token, bytes, at));
    String last = new String(bytes, from, at - from, UTF_8);
    return text == null ? last : text.append(last).toString();
  }

  /** What stands for the bytes held back, when nothing more follows; changes nothing. */
  String finish() {
    if (heldCount(history.last()) == 0 || malformed == Malformed.IGNORE) {
      return "";
    }
    if (malformed == Malformed.REPORT) {
      throw new IllegalArgumentException(
          "malformed UTF-8: the tokens end within a character, after index "
              + (history.length() - 1));
    }
    return "\uFFFD";
  }

  @Override
  public TokenText fork() {
    return new TokenText(tokenizer, skipped, malformed, history.fork());
  }

  @Override
  public void rollback(int tokens) {
    history.rollback(tokens);
  }

  private static int heldCount(long state) {
    return (int) (state >>> 56);
  }

  private static byte[] afterHeld(long state, byte[] added) {
    int count = heldCount(state);
    if (count == 0) {
      return added;
    }
    byte[] all = new byte[count + added.length];
    for (int i = 0; i < count; i++) {
      all[i] = (byte) (state >>> (32 + 8 * i));
    }
    System.arraycopy(added, 0, all, count, added.length);
    return all;
  }

  private static long state(int token, byte[] bytes, int from) {
    long state = token & 0xFFFF_FFFFL;
    for (int i = from; i < bytes.length; i++) {
      state |= (bytes[i] & 0xFFL) << (32 + 8 * (i - from));
    }
    return state | ((long) (bytes.length - from) << 56);
  }
}
