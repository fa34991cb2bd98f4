package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.text.EncodingOptions.Padding;
import io.fundamentallm.text.EncodingOptions.Strategy;
import io.fundamentallm.text.EncodingOptions.Truncation;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Encodings by tokenizers that know only ids and the bytes of each token. */
final class SimpleEncoding {
  private static final byte[] REPLACEMENT = {(byte) 0xEF, (byte) 0xBF, (byte) 0xBD};

  private SimpleEncoding() {}

  /** Padding to the longest of a batch does nothing to a single text. */
  static Encoding of(Tokenizer tokenizer, CharSequence text, EncodingOptions options) {
    Encoding encoding = unpadded(tokenizer, text, options);
    Padding padding = options.padding().filter(p -> p.length() > 0).orElse(null);
    return padding == null ? encoding : Encoding.paddedToLongest(List.of(encoding), padding).get(0);
  }

  static List<Encoding> all(
      Tokenizer tokenizer, List<? extends CharSequence> texts, EncodingOptions options) {
    EncodingOptions unpadded = options.toBuilder().padding(null).build();
    List<CharSequence> own = Elements.copy(texts, "texts");
    Encoding[] encodings = new Encoding[own.size()];
    Throwable[] failures = new Throwable[own.size()];
    IntStream indices = IntStream.range(0, encodings.length);
    (encodings.length < 2 ? indices : indices.parallel())
        .forEach(
            i -> {
              try {
                encodings[i] = tokenizer.encode(own.get(i), unpadded);
              } catch (RuntimeException | Error e) {
                failures[i] = e; // the pool would throw a copy that wraps it
              }
            });
    for (Throwable failure : failures) {
      if (failure instanceof RuntimeException exception) {
        throw exception;
      } else if (failure instanceof Error error) {
        throw error;
      }
    }
    List<Encoding> all = List.of(encodings);
    return options.padding().map(p -> Encoding.paddedToLongest(all, p)).orElse(all);
  }

  private static Encoding unpadded(
      Tokenizer tokenizer, CharSequence text, EncodingOptions options) {
    requireNonNull(text, "text");
    requireNonNull(options, "options");
    int[] ids = tokenizer.encode(text, options.allowed());
    OffsetUnit unit = options.offsets().orElse(null);
    Encoding encoding =
        unit == null ? Encoding.of(ids, null, null) : withOffsets(tokenizer, text, ids, unit);
    Encoding begin = options.addSpecialTokens() ? begin(tokenizer, ids, unit) : null;
    Truncation truncation = options.truncation().orElse(null);
    if (truncation != null) {
      encoding = truncated(encoding, truncation, begin == null ? 0 : 1);
    }
    return begin == null ? encoding : prepend(begin, encoding);
  }

  /** See {@link Tokenizer#beginToken()}. */
  static OptionalInt beginToken(Tokenizer tokenizer) {
    OptionalInt begin = tokenizer.vocabulary().bos();
    if (begin.isEmpty() || begin.equals(tokenizer.vocabulary().eos())) {
      return begin;
    }
    EncodingOptions asStored = EncodingOptions.builder().addSpecialTokens(true).build();
    int[] added = tokenizer.encode("", asStored).ids();
    return IntStream.of(added).anyMatch(id -> id == begin.getAsInt()) ? begin : OptionalInt.empty();
  }

  /** The token to add, by the same rules as before a prompt. */
  private static @Nullable Encoding begin(
      Tokenizer tokenizer, int[] ids, @Nullable OffsetUnit unit) {
    OptionalInt begin = tokenizer.vocabulary().bos();
    if (begin.isEmpty()
        || begin.equals(tokenizer.vocabulary().eos())
        || (ids.length > 0 && ids[0] == begin.getAsInt())) {
      return null;
    }
    return Encoding.added(begin.getAsInt(), 0, unit != null);
  }

  private static Encoding truncated(Encoding encoding, Truncation truncation, int added) {
    int room = truncation.maxLength() - added;
    if (encoding.length() > room && truncation.strategy() == Strategy.ONLY_SECOND) {
      throw new IllegalArgumentException(
          "only the second text of a pair may be cut, but there is one text and it has "
              + encoding.length()
              + " tokens, more than "
              + room);
    }
    return encoding.truncated(room, truncation.stride(), truncation.side());
  }

  /** To the model, every window is a separate text, so each begins with the token. */
  private static Encoding prepend(Encoding begin, Encoding text) {
    Encoding first = Encoding.joined(List.of(begin, text));
    return new Encoding(
        first.ids(),
        first.typeIds(),
        first.specialTokensMask(),
        first.attentionMask(),
        first.starts(),
        first.ends(),
        text.overflowing().stream().map(window -> prepend(begin, window)).toList());
  }

  private static Encoding withOffsets(
      Tokenizer tokenizer, CharSequence text, int[] ids, OffsetUnit unit) {
    byte[] bytes = utf8(text);
    TextOffsets offsets = TextOffsets.of(text, unit);
    int[] starts = new int[ids.length];
    int[] ends = new int[ids.length];
    int from = 0;
    for (int i = 0; i < ids.length; i++) {
      byte[] token = tokenizer.bytes(ids[i]);
      if (token.length > bytes.length - from
          || !Arrays.equals(bytes, from, from + token.length, token, 0, token.length)) {
        throw mismatch("token " + ids[i] + " at index " + i + " does not match", from);
      }
      int to = from + token.length;
      starts[i] = offsets.at(from);
      ends[i] = token.length == 0 ? starts[i] : offsets.endAt(to);
      from = to;
    }
    if (from < bytes.length) {
      throw mismatch("the tokens end", from);
    }
    return Encoding.of(ids, starts, ends);
  }

  private static UnsupportedOperationException mismatch(String what, int at) {
    return new UnsupportedOperationException(
        "this tokenizer has no offsets into this text, because its tokens together are not the"
            + " text: "
            + what
            + " at byte "
            + at);
  }

  private static byte[] utf8(CharSequence text) {
    try {
      ByteBuffer bytes =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPLACE)
              .replaceWith(REPLACEMENT)
              .encode(CharBuffer.wrap(text));
      byte[] exact = new byte[bytes.remaining()];
      bytes.get(exact);
      return exact;
    } catch (CharacterCodingException e) {
      throw new AssertionError("lone surrogates are replaced", e);
    }
  }
}
