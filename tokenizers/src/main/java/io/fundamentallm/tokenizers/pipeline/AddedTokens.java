package io.fundamentallm.tokenizers.pipeline;

import static java.util.Comparator.comparing;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.text.Normalizer;
import io.fundamentallm.tokenizers.text.TextBuffer;
import io.fundamentallm.tokenizers.unicode.Unicode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds added tokens in a text: at each place the longest, the leftmost first, as Hugging Face's
 * AddedVocabulary does. Immutable and thread-safe.
 *
 * <p>A special token counts where the caller allows it. One that is not special always counts, as
 * it does there, unless its use makes it a control token: a marker of the chat template, such as
 * DeepSeek's {@code <｜User｜>}. That one too counts only where the caller allows it.
 */
public final class AddedTokens {

  /** Forms looked for in the original text; the index is that of {@link #rawTokens}. */
  private final ByteStrings raw;

  /** More than files have. */
  private static final int MAX_NORMALIZED = 64 << 20;

  private final List<AddedToken> rawTokens = new ArrayList<>();
  private final ByteStrings normalized;
  private final List<AddedToken> normalizedTokens = new ArrayList<>();
  private final Set<String> control;
  private final BitSet firstRaw = new BitSet(256);
  private final BitSet firstNormalized = new BitSet(256);
  private final boolean anyUnconditional;

  /**
   * A set of added tokens.
   *
   * @param control which of those that are not special are still control tokens
   * @throws IllegalArgumentException when the normalizer makes too much of them
   */
  public AddedTokens(
      List<AddedToken> tokens, Set<String> control, @Nullable Normalizer normalizer) {
    this.control = Set.copyOf(control);
    ByteStrings.Builder rawForms = new ByteStrings.Builder(tokens.size());
    ByteStrings.Builder normalizedForms = new ByteStrings.Builder(tokens.size());
    boolean always = false;
    long bytes = 0;
    boolean separate = normalizer != null || !oneSearchSuffices(tokens);
    for (AddedToken token : tokens) {
      always |= !isControl(token);
      byte[] form = token.content().getBytes(StandardCharsets.UTF_8);
      if (token.normalized() && separate) {
        form = normalizer == null ? form : normalize(form, normalizer);
        bytes += form.length;
        if (bytes > MAX_NORMALIZED) {
          throw new IllegalArgumentException(
              "the tokenizer's rules make more than "
                  + MAX_NORMALIZED
                  + " bytes of its added tokens");
        }
        if (form.length > 0) {
          normalizedForms.add(form, false);
          normalizedTokens.add(token);
          firstNormalized.set(form[0] & 0xFF);
        }
      } else if (form.length > 0) {
        rawForms.add(form, false);
        rawTokens.add(token);
        firstRaw.set(form[0] & 0xFF);
      }
    }
    raw = rawForms.build();
    normalized = normalizedForms.build();
    anyUnconditional = always;
  }

  /**
   * Whether both kinds can be looked for at once in a text that is not normalized: the ones that
   * are not normalized come first and split the text, which makes a difference only where tokens
   * overlap or look beyond themselves. May return false for tokens that never do.
   */
  private static boolean oneSearchSuffices(List<AddedToken> tokens) {
    if (tokens.stream().map(AddedToken::normalized).distinct().count() < 2) {
      return true;
    }
    BitSet first = new BitSet();
    tokens.forEach(token -> first.set(token.content().charAt(0)));
    String before = "";
    for (AddedToken token : tokens.stream().sorted(comparing(AddedToken::content)).toList()) {
      String content = token.content();
      if (token.singleWord()
          || token.lstrip()
          || token.rstrip()
          || (!before.isEmpty() && content.startsWith(before))
          || content.chars().skip(1).anyMatch(first::get)) {
        return false;
      }
      before = content;
    }
    return true;
  }

  private static byte[] normalize(byte[] form, Normalizer normalizer) {
    TextBuffer in = new TextBuffer();
    for (byte b : form) {
      in.add(b, 0, 0);
    }
    TextBuffer out = new TextBuffer();
    normalizer.normalize(in, out);
    return java.util.Arrays.copyOf(out.bytes(), out.length());
  }

  /** Whether a token counts only where the caller allows it. */
  public boolean isControl(AddedToken token) {
    return token.special() || control.contains(token.content());
  }

  /** Whether nothing at all counts. */
  boolean none(SpecialTokens allowed) {
    return (rawTokens.isEmpty() && normalizedTokens.isEmpty())
        || (allowed.isNone() && !anyUnconditional);
  }

  /** Whether any token is looked for in normalized text. */
  boolean anyNormalized() {
    return !normalizedTokens.isEmpty();
  }

  /** Whether the text has a byte that one of the tokens begins with. */
  boolean mayOccur(CharSequence text) {
    if (rawTokens.isEmpty()) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // any non-ASCII character may begin a token that begins beyond ASCII
      if (c < 0x80 ? firstRaw.get(c) : firstRaw.nextSetBit(0x80) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Where the next token begins and ends, and its id. */
  static final class Match {
    int start;
    int end;
    int id;

    /** Where to look for the next one: after this one, but before the space that it takes. */
    int look;
  }

  /**
   * Finds the next token that counts.
   *
   * @param raw whether the text is the original one, rather than normalized
   * @param from where to look; what is before {@code bound} belongs to an earlier token
   * @param messages where no control token is allowed regardless; null for nowhere
   * @return whether there is one
   */
  boolean find(
      TextBuffer text,
      boolean raw,
      int bound,
      int from,
      int to,
      SpecialTokens allowed,
      @Nullable MessageRanges messages,
      Match match) {
    ByteStrings forms = raw ? this.raw : normalized;
    List<AddedToken> found = raw ? rawTokens : normalizedTokens;
    BitSet first = raw ? firstRaw : firstNormalized;
    if (found.isEmpty()) {
      return false;
    }
    text.reserve(ByteStrings.SLACK);
    byte[] bytes = text.bytes();
    for (int at = from; at < to; at++) {
      if (!first.get(bytes[at] & 0xFF)) {
        continue;
      }
      int index = forms.longestPrefix(bytes, at, to);
      while (index >= 0
          && messages != null
          && isInMessage(found.get(index), text, at, forms, index, messages)) {
        if (messages.touches(text, at, at + 1)) {
          // the message's part is used up like what does not count, the template's is not
          at = endOfMessage(text, at, at + forms.length(index), messages) - 1;
          index = -1;
        } else {
          // the template may have written a shorter one before the message
          index = forms.longestPrefix(bytes, at, at + forms.length(index) - 1);
        }
      }
      if (index < 0) {
        continue;
      }
      AddedToken token = found.get(index);
      int end = at + forms.length(index);
      if (counts(token, allowed) && standsAlone(token, bytes, at, end, to)) {
        match.id = token.id();
        match.look = end;
        match.start = token.lstrip() ? spaceBefore(bytes, bound, at) : at;
        match.end = token.rstrip() ? spaceAfter(bytes, end, to) : end;
        return true;
      }
      at = end - 1; // what does not count is used up anyway
    }
    return false;
  }

  private boolean isInMessage(
      AddedToken token,
      TextBuffer text,
      int at,
      ByteStrings forms,
      int index,
      MessageRanges messages) {
    return isControl(token) && messages.touches(text, at, at + forms.length(index));
  }

  private static int endOfMessage(TextBuffer text, int from, int to, MessageRanges messages) {
    int at = from;
    while (at < to && messages.touches(text, at, at + 1)) {
      at++;
    }
    return at;
  }

  private boolean counts(AddedToken token, SpecialTokens allowed) {
    return !isControl(token) || allowed.allows(token.content());
  }

  private static boolean standsAlone(AddedToken token, byte[] text, int start, int end, int to) {
    return !token.singleWord()
        || ((start == 0 || !isWord(text, before(text, start)))
            && (end == to || !isWord(text, end)));
  }

  private static int before(byte[] text, int at) {
    int i = at - 1;
    while ((text[i] & 0xC0) == 0x80) {
      i--;
    }
    return i;
  }

  /** Rust's {@code \w}: letters, marks, decimal digits, connectors and what joins them. */
  private static boolean isWord(byte[] text, int at) {
    int c = TextBuffer.codePointAt(text, at);
    int category = Unicode.category(c);
    return Unicode.isLetter(c)
        || Unicode.isMark(c)
        || category == Unicode.ND
        || category == Unicode.NL
        || category == Unicode.PC
        || (category == Unicode.SO && isCircledLetter(c))
        || c == 0x200C
        || c == 0x200D;
  }

  /** Letters in circles and squares are Alphabetic too (Other_Alphabetic in Unicode's data). */
  private static boolean isCircledLetter(int c) {
    return (c >= 0x24B6 && c <= 0x24E9)
        || (c >= 0x1F130 && c <= 0x1F149)
        || (c >= 0x1F150 && c <= 0x1F169)
        || (c >= 0x1F170 && c <= 0x1F189);
  }

  private static int spaceBefore(byte[] text, int bound, int at) {
    while (at > bound) {
      int i = before(text, at);
      if (!Unicode.isWhiteSpace(TextBuffer.codePointAt(text, i))) {
        break;
      }
      at = i;
    }
    return at;
  }

  private static int spaceAfter(byte[] text, int at, int to) {
    while (at < to && Unicode.isWhiteSpace(TextBuffer.codePointAt(text, at))) {
      at += TextBuffer.sizeAt(text, at);
    }
    return at;
  }
}
