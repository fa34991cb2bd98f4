package io.fundamentallm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Token;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Text as it is shown: never half a code point, nothing behind a stop, nothing lost. */
class StreamingTextTest {
  /** Of one to four bytes, some of which belong together: accents, families, flags, keycaps. */
  private static final List<String> UNITS =
      List.of(
          "a",
          "b",
          "ab",
          " ",
          "\n",
          "é",
          "e\u0301",
          "\u0301\u0302",
          "ß",
          "語",
          "日本",
          "\u0E01\u0E33",
          "\uD83D\uDE00",
          "\uD83D\uDE01",
          "\uD83D\uDC68\u200D\uD83D\uDC69\u200D\uD83D\uDC67",
          "\u200D",
          "\uD83D\uDC4D\uD83C\uDFFD",
          "\uD83C\uDDE9\uD83C\uDDEA",
          "1\uFE0F\u20E3",
          "\uFFFD",
          "\0");

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(UNITS).list().ofMaxSize(24).map(units -> String.join("", units));
  }

  @Provide
  Arbitrary<String> stops() {
    return Arbitraries.of(UNITS).list().ofMinSize(1).ofMaxSize(3).map(u -> String.join("", u));
  }

  /** What goes into one token of the text's bytes: so many of them. */
  private static List<byte[]> cut(byte[] bytes, List<Integer> lengths) {
    List<byte[]> tokens = new ArrayList<>();
    int at = 0;
    for (int i = 0; at < bytes.length; i++) {
      int length = lengths.isEmpty() ? 1 : lengths.get(i % lengths.size());
      int to = Math.min(bytes.length, at + length);
      tokens.add(Arrays.copyOfRange(bytes, at, to));
      at = to;
    }
    return tokens;
  }

  private static byte[] joined(List<byte[]> tokens) {
    ByteBuffer all = ByteBuffer.allocate(tokens.stream().mapToInt(t -> t.length).sum());
    tokens.forEach(all::put);
    return all.array();
  }

  /** The characters that are complete, when more bytes may follow. */
  private static String complete(byte[] bytes) {
    CharBuffer text = CharBuffer.allocate(bytes.length + 1);
    UTF_8
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPLACE)
        .decode(ByteBuffer.wrap(bytes), text, false);
    return text.flip().toString();
  }

  /** The text up to the stop, found character by character. */
  private static String upToStop(String text, int from, List<String> stops, boolean include) {
    for (int end = from + 1; end <= text.length(); end++) {
      int begin = end;
      for (String stop : stops) {
        if (end - stop.length() >= from && text.startsWith(stop, end - stop.length())) {
          begin = Math.min(begin, end - stop.length());
        }
      }
      if (begin < end) {
        return text.substring(0, include ? end : begin);
      }
    }
    return text;
  }

  private static void assertWellFormed(String text) {
    assertThat(text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF)).as(text).isTrue();
  }

  @Property(tries = 2000)
  void it_is_the_text_up_to_the_stop_in_whole_code_points(
      @ForAll("texts") String text,
      @ForAll @Size(max = 3) List<@net.jqwik.api.From("stops") String> stops,
      @ForAll @Size(max = 5) List<@IntRange(min = 1, max = 7) Integer> lengths,
      @ForAll boolean includeStop,
      @ForAll @IntRange(max = 12) int minNewTokens,
      @ForAll @IntRange(min = 1, max = 60) int maxNewTokens) {
    List<byte[]> tokens = cut(text.getBytes(UTF_8), lengths);
    if (tokens.isEmpty()) {
      return;
    }
    List<byte[]> written = tokens.subList(0, Math.min(maxNewTokens, tokens.size()));
    List<byte[]> free = written.subList(0, Math.min(minNewTokens, written.size()));
    int from = complete(joined(free)).length();
    String whole = new String(joined(written), UTF_8); // a code point cut off is U+FFFD
    String expected = upToStop(whole, from, stops, includeStop);

    TextGenerator generator = generator(tokens, stops, includeStop, minNewTokens, maxNewTokens);
    StringBuilder shown = new StringBuilder();
    List<byte[]> taken = new ArrayList<>();
    int longest = stops.stream().mapToInt(String::length).max().orElse(1);
    try (Generation generation = generator.tokens("x")) {
      while (generation.hasNext()) {
        Token token = generation.next();
        taken.add(tokens.get(token.id()));
        shown.append(token.text());
        assertWellFormed(token.text());
        assertThat(expected).startsWith(shown);
        if (!generation.hasEnded()) {
          String known = complete(joined(taken));
          assertThat(known.length() - shown.length()).isLessThan(longest);
        }
      }
    }
    assertThat(shown).hasToString(expected);
    try (Stream<String> stream = generator.stream("x")) {
      assertThat(String.join("", stream.toList())).isEqualTo(expected);
    }
    assertThat(generator.generate("x", StreamingTextTest::assertWellFormed)).isEqualTo(expected);
  }

  private static TextGenerator generator(
      List<byte[]> tokens,
      List<String> stops,
      boolean includeStop,
      int minNewTokens,
      int maxNewTokens) {
    Pieces pieces = new Pieces(tokens);
    return TextGenerator.of(pieces, pieces.model(), Registry.of())
        .with(
            options ->
                options
                    .sampler(Samplers.greedy())
                    .stopStrings(stops)
                    .includeStop(includeStop)
                    .minNewTokens(Math.min(minNewTokens, Math.min(maxNewTokens, tokens.size())))
                    .maxNewTokens(Math.min(maxNewTokens, tokens.size())));
  }

  @Test
  void half_a_code_point_is_no_stop() {
    for (String stop : List.of("\uD83D", "a\uDE00", "\uDE00\uD83D")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> DecodingOptions.builder().stopStrings(List.of("a", stop)))
          .withMessageContaining("has half a surrogate pair");
    }
    DecodingOptions.builder().stopStrings(List.of("\uD83D\uDE00"));
  }
}
