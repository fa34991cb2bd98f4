package io.fundamentallm.tokenizers.pipeline;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.model.TokenSink;
import io.fundamentallm.tokenizers.model.UnknownTextException;
import io.fundamentallm.tokenizers.split.PreTokenizedText;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Encodes one text after another and keeps its buffers. Long texts are encoded in parts that fit
 * into a processor's cache, if the pipeline's parts allow it. One thread at a time.
 */
final class Encoder {
  /**
   * Characters of a part: its buffers, of about 20 bytes a character, fit in a second-level cache.
   */
  private static final int PART = 1 << 14;

  /** Buffers beyond this are not kept for the next text. */
  private static final int MAX_KEPT = 1 << 23;

  private final Pipeline parts;
  private final int part;
  private final boolean cuttable;
  private final boolean cuttableAtLines;
  private TokenSink sink = new TokenSink();
  private PreTokenizedText work = new PreTokenizedText();
  private TextBuffer whole = new TextBuffer();
  private TextBuffer normalized = new TextBuffer();
  private final AddedTokens.Match match = new AddedTokens.Match();
  private final AddedTokens.Match normalizedMatch = new AddedTokens.Match();
  private int counted;
  private @Nullable MessageRanges messages;

  Encoder(Pipeline parts) {
    this(parts, PART);
  }

  /** With parts of about this many characters. */
  Encoder(Pipeline parts, int part) {
    this.part = part;
    this.parts = parts;
    cuttable = parts.cuttable();
    cuttableAtLines = parts.preTokenizer() != null;
  }

  /** Encodes; stops early once there are this many tokens. */
  void encode(String text, SpecialTokens allowed, boolean ranged, int maxTokens) {
    sink.clear(ranged);
    run(text, allowed, ranged, maxTokens, false);
  }

  /** Encodes a conversation. */
  void encode(MessageRanges conversation) {
    sink.clear(false);
    messages = conversation;
    boolean tracked = parts.added().anyNormalized();
    run(conversation.text(), SpecialTokens.all(), tracked, Integer.MAX_VALUE, false);
    messages = null;
  }

  /** How many tokens a text has. */
  int count(String text) {
    sink.clear(false);
    counted = 0;
    run(text, SpecialTokens.none(), false, Integer.MAX_VALUE, true);
    return counted + sink.length();
  }

  int[] ids(int max) {
    return Arrays.copyOf(sink.reserve(0), Math.min(sink.length(), max));
  }

  /** Releases buffers that a very long text made, before the encoder waits for the next one. */
  void shrink() {
    if (sink.reserve(0).length > MAX_KEPT) {
      sink = new TokenSink();
    }
    if (work.text().bytes().length + whole.bytes().length > MAX_KEPT) {
      work = new PreTokenizedText();
      whole = new TextBuffer();
      normalized = new TextBuffer();
    }
  }

  int start(int index) {
    return sink.start(index);
  }

  int end(int index) {
    return sink.end(index);
  }

  private void run(
      String text, SpecialTokens allowed, boolean ranged, int maxTokens, boolean count) {
    try {
      runOnce(text, allowed, ranged, maxTokens, count);
    } catch (UnknownTextException e) {
      if (ranged) {
        throw e.in(text);
      }
      sink.clear(true);
      run(text, allowed, true, maxTokens, count); // once more, to learn where it is
      throw e;
    }
  }

  private void runOnce(
      String text, SpecialTokens allowed, boolean ranged, int maxTokens, boolean count) {
    boolean added = !parts.added().none(allowed);
    if (added && parts.added().mayOccur(text)) {
      encodeBetweenTokens(text, allowed, ranged);
      return;
    }
    boolean cut = cuttable && !(added && parts.added().anyNormalized());
    int source = 0;
    for (int from = 0; from < text.length() && sink.length() < maxTokens; ) {
      int to = cut ? cut(text, from) : text.length();
      TextBuffer buffer = work.text();
      buffer.clear(ranged);
      buffer.add(text, from, to, source);
      source += buffer.length();
      encodeText(from == 0, from == 0, allowed, added);
      from = to;
      if (count) {
        counted += sink.length();
        sink.clear(ranged);
      }
    }
  }

  /** Where the part of the text that begins here ends. */
  private int cut(String text, int from) {
    int middle = from + part;
    if (middle >= text.length() - part / 4) {
      return text.length();
    }
    for (int at = middle; at > from + part / 2; at--) {
      if (mayCut(text, at)) {
        return at;
      }
    }
    for (int at = middle; at + 1 < text.length(); at++) {
      if (mayCut(text, at)) {
        return at;
      }
    }
    return text.length();
  }

  private boolean mayCut(String text, int at) {
    char c = text.charAt(at);
    if (c == ' ') {
      return isLetter(text.charAt(at - 1)) && isLetter(text.charAt(at + 1));
    }
    return cuttableAtLines
        && text.charAt(at - 1) == '\n'
        && (isLetter(c) || isIdeograph(c))
        && (isLetter(text.charAt(at - 2)) || isIdeograph(text.charAt(at - 2)));
  }

  private static boolean isIdeograph(char c) {
    return c >= 0x4E00 && c <= 0x9FA5;
  }

  private static boolean isLetter(char c) {
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  }

  private void encodeBetweenTokens(String text, SpecialTokens allowed, boolean ranged) {
    whole.clear(ranged);
    whole.add(text, 0, text.length(), 0);
    int from = 0;
    int to = whole.length();
    int look = 0;
    while (parts.added().find(whole, true, from, look, to, allowed, messages, match)) {
      int start = Math.max(match.start, from);
      encodeRange(from, start, allowed);
      sink.add(match.id, start, match.end);
      from = match.end;
      look = match.look;
    }
    encodeRange(from, to, allowed);
  }

  private void encodeRange(int from, int to, SpecialTokens allowed) {
    if (from < to) {
      TextBuffer buffer = work.text();
      buffer.clear(whole.tracked());
      buffer.add(whole, from, to);
      encodeText(from == 0, true, allowed, true);
    }
  }

  /** Encodes what is in the work's text. */
  private void encodeText(boolean first, boolean begins, SpecialTokens allowed, boolean added) {
    TextBuffer buffer = work.text();
    if (parts.normalizer() != null && !parts.normalizer().leaves(buffer)) {
      TextBuffer out = work.spareText();
      if (begins) {
        parts.normalizer().normalize(buffer, out);
      } else {
        parts.normalizer().continueWith(buffer, out);
      }
      work.swapText();
    }
    if (added && parts.added().anyNormalized()) {
      encodeBetweenNormalizedTokens(first, allowed);
    } else {
      encodePieces(first);
    }
  }

  private void encodeBetweenNormalizedTokens(boolean first, SpecialTokens allowed) {
    normalized.clear(work.text().tracked());
    normalized.add(work.text(), 0, work.text().length());
    int from = 0;
    int to = normalized.length();
    int look = 0;
    while (parts
        .added()
        .find(normalized, false, from, look, to, allowed, messages, normalizedMatch)) {
      int start = Math.max(normalizedMatch.start, from);
      int end = normalizedMatch.end;
      encodeNormalized(from, start, first);
      sink.add(normalizedMatch.id, normalized.sourceStart(start), normalized.sourceEnd(end - 1));
      from = end;
      look = normalizedMatch.look;
    }
    encodeNormalized(from, to, first);
  }

  private void encodeNormalized(int from, int to, boolean first) {
    if (from < to) {
      work.text().clear(normalized.tracked());
      work.text().add(normalized, from, to);
      encodePieces(first && from == 0);
    }
  }

  private void encodePieces(boolean first) {
    work.begin(first);
    if (parts.preTokenizer() != null) {
      parts.preTokenizer().split(work);
    }
    TextBuffer text = work.text();
    text.reserve(ByteStrings.SLACK);
    int before = sink.length();
    try {
      parts.model().encode(text.bytes(), work.pieces(), sink);
    } catch (UnknownTextException e) {
      throw e.from(text);
    }
    if (sink.ranged()) {
      for (int i = before; i < sink.length(); i++) {
        sink.range(i, text.sourceStart(sink.start(i)), text.sourceEnd(sink.end(i) - 1));
      }
    }
  }
}
