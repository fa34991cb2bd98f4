package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.spi.Learning;
import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.split.PreTokenizedText;
import io.fundamentallm.tokenizers.split.PreTokenizer;
import io.fundamentallm.tokenizers.text.Normalizer;
import io.fundamentallm.tokenizers.text.TextBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the words of texts: each text is normalized, cut, and its pieces are counted. Hugging Face
 * feeds its trainers line by line, each line with its newline; callers that want its counts must do
 * the same, since a pre-tokenizer treats the end of a text differently from the middle. One thread
 * at a time.
 */
public final class WordCounter {
  /** Pieces counted between two checks of the cancellation. */
  private static final int STRIDE = 1 << 13;

  /** Bytes of text between two calls of the listener. */
  private static final long REPORT = 1 << 20;

  private final @Nullable Normalizer normalizer;
  private final @Nullable PreTokenizer preTokenizer;
  private final PreTokenizedText text = new PreTokenizedText();

  /** Counts with these; a normalizer or pre-tokenizer that is null does nothing. */
  public WordCounter(@Nullable Normalizer normalizer, @Nullable PreTokenizer preTokenizer) {
    this.normalizer = normalizer;
    this.preTokenizer = preTokenizer;
  }

  /**
   * Counts the words of all texts.
   *
   * @param counts receives the counts
   * @throws java.util.concurrent.CancellationException when cancelled; the counts are then partial
   */
  public void count(Iterable<? extends CharSequence> texts, WordCounts counts, Learning learning) {
    long done = 0;
    long reported = 0;
    for (CharSequence each : texts) {
      learning.throwIfCancelled();
      text.text().clear(false);
      appendUtf8(each, text.text());
      done += text.text().length();
      cut();
      add(counts, learning.cancellation());
      if (done - reported >= REPORT) {
        learning.onProgress("count words", done, -1);
        reported = done;
      }
    }
    learning.onProgress("count words", done, done);
  }

  private void cut() {
    if (normalizer != null && !normalizer.leaves(text.text())) {
      normalizer.normalize(text.text(), text.spareText());
      text.swapText();
    }
    text.begin(true);
    if (preTokenizer != null) {
      preTokenizer.split(text);
    }
  }

  private void add(WordCounts counts, Cancellation cancellation) {
    Pieces pieces = text.pieces();
    byte[] bytes = text.text().bytes();
    int[] starts = pieces.starts();
    int[] ends = pieces.ends();
    int count = pieces.count();
    for (int from = 0; from < count; from += STRIDE) {
      cancellation.throwIfCancelled();
      int to = Math.min(count, from + STRIDE);
      for (int i = from; i < to; i++) {
        counts.add(bytes, starts[i], ends[i], 1);
      }
    }
  }

  /** Adds a text as UTF-8; a surrogate without its other half becomes U+FFFD. */
  static void appendUtf8(CharSequence from, TextBuffer to) {
    int length = from.length();
    for (int i = 0; i < length; ) {
      // three bytes at most for each UTF-16 unit; in strides, so that ASCII does not take three
      // times the room
      int stop = Math.min(length, i + (1 << 13));
      byte[] out = to.reserve(3 * (stop - i) + 1);
      int begin = to.length();
      int at = begin;
      while (i < stop) {
        char c = from.charAt(i++);
        if (c < 0x80) {
          out[at++] = (byte) c;
        } else if (c < 0x800) {
          out[at++] = (byte) (0xC0 | c >> 6);
          out[at++] = (byte) (0x80 | (c & 0x3F));
        } else {
          int codePoint = c;
          if (Character.isSurrogate(c)) {
            boolean paired =
                Character.isHighSurrogate(c)
                    && i < length
                    && Character.isLowSurrogate(from.charAt(i));
            codePoint = paired ? Character.toCodePoint(c, from.charAt(i++)) : 0xFFFD;
          }
          if (codePoint < 0x10000) {
            out[at++] = (byte) (0xE0 | codePoint >> 12);
          } else {
            out[at++] = (byte) (0xF0 | codePoint >> 18);
            out[at++] = (byte) (0x80 | (codePoint >> 12 & 0x3F));
          }
          out[at++] = (byte) (0x80 | (codePoint >> 6 & 0x3F));
          out[at++] = (byte) (0x80 | (codePoint & 0x3F));
        }
      }
      to.advance(at - begin, 0);
    }
  }
}
