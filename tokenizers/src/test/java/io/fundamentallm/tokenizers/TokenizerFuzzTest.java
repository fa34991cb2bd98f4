package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files with random changes give a tokenizer that works, or an {@link IOException}. */
class TokenizerFuzzTest {
  private static final Pattern JSON_VALUE =
      Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|-?[0-9][0-9.e+-]*|true|false|null|[\\[{]");
  private static final List<String> VALUES =
      List.of(
          "null",
          "true",
          "false",
          "0",
          "1",
          "-1",
          "3",
          "7",
          "2147483647",
          "2147483648",
          "1e300",
          "-1e-320",
          "0.5",
          "\"\"",
          "\"a\"",
          "\"<s>\"",
          "\"\\ud800\"",
          "\"(\"",
          "\"(?:a*)*b\"",
          "\"A\"",
          "\"\\u2581\"",
          "[]",
          "{}",
          "[[]]",
          "{\"type\": \"Sequence\"}",
          "\"Sequence\"",
          "{\"type\": \"ByteLevel\"}",
          "{\"type\": \"Fuse\"}",
          "\"Removed\"",
          "\"Unigram\"",
          "\"BPE\"",
          "\"WordPiece\"",
          "\"WordLevel\"",
          "\"Split\"",
          "\"Metaspace\"",
          "\"Strip\"",
          "{\"String\": \"\"}",
          "{\"Regex\": \"\"}",
          "{\"Regex\": \"a|\"}",
          "\"Replace\"");
  private static final List<String> TEXTS =
      List.of(
          "",
          "ab",
          " ab  abc <s> <x>",
          "\u00E9\uD83D\uDE42\u4E2D",
          "a\uD800b\u0000",
          "xy-ab\r\n 12");

  @TempDir Path directory;

  @Test
  void a_thousand_changes() throws IOException {
    fuzz(new Random(41), 1_000, Long.MAX_VALUE);
  }

  @Tag("long")
  @Test
  void changes_for_a_minute() throws IOException {
    fuzz(new Random(42), Integer.MAX_VALUE, System.nanoTime() + 60_000_000_000L);
  }

  private void fuzz(Random random, int rounds, long end) throws IOException {
    List<Map<String, byte[]>> sound = new ArrayList<>(SoundFiles.all().values());
    int loaded = 0;
    int refused = 0;
    for (int round = 0; round < rounds && System.nanoTime() - end < 0; round++) {
      Map<String, byte[]> files = new LinkedHashMap<>(sound.get(round % sound.size()));
      List<String> names = List.copyOf(files.keySet());
      String name = names.get(random.nextInt(names.size()));
      files.put(name, changed(name, files.get(name), random));
      SoundFiles.write(files, directory);
      try {
        use(SoundFiles.load(directory));
        loaded++;
      } catch (IOException e) {
        assertThat(e).hasMessageContaining(directory.toString());
        refused++;
      } catch (RuntimeException | Error e) {
        String content = new String(files.get(name), StandardCharsets.UTF_8);
        throw new AssertionError("round " + round + ", " + name + ": " + content, e);
      }
      SoundFiles.delete(files, directory);
    }
    System.out.printf("%d changed files were read, %d refused%n", loaded, refused);
    assertThat(loaded).isPositive();
    assertThat(refused).isPositive();
  }

  /** Whatever a tokenizer does without a documented exception. */
  private static void use(Tokenizer tokenizer) {
    for (String text : TEXTS) {
      try {
        use(tokenizer, text);
      } catch (IllegalArgumentException e) {
        assertThat(e).hasMessageContaining("no token for");
      }
    }
    int size = tokenizer.vocabulary().size();
    for (int id = 0; id < Math.min(size, 20); id++) {
      tokenizer.bytes(id);
      tokenizer.bytes(id, size - 1);
      tokenizer.vocabulary().token(id);
    }
  }

  private static void use(Tokenizer tokenizer, String text) {
    int[] ids = tokenizer.encode(text);
    assertThat(tokenizer.count(text)).isEqualTo(ids.length);
    tokenizer.decode(ids);
    tokenizer.decode(tokenizer.encode(text, SpecialTokens.all()));
    EncodingOptions plain =
        EncodingOptions.builder().offsets(OffsetUnit.UTF16).addSpecialTokens(true).build();
    Encoding encoding = tokenizer.encode(text, plain);
    tokenizer.decode(encoding.ids());
    try {
      tokenizer.encode(text, tokenizer.storedOptions());
      tokenizer.encodePair(text, "ab", plain);
    } catch (IllegalArgumentException | UnsupportedOperationException e) {
      // no room for the special tokens, or no layout for pairs
      assertThat(e).hasMessageMatching("(?s).+");
    }
  }

  private static byte[] changed(String name, byte[] bytes, Random random) {
    boolean json = name.endsWith(".json");
    byte[] result = bytes;
    for (int times = 1 + random.nextInt(2); times > 0; times--) {
      result = json && random.nextInt(4) > 0 ? value(result, random) : raw(result, random);
    }
    return result;
  }

  /** Another value in place of one. */
  private static byte[] value(byte[] bytes, Random random) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    Matcher matcher = JSON_VALUE.matcher(text);
    List<int[]> found = new ArrayList<>();
    while (matcher.find()) {
      found.add(new int[] {matcher.start(), end(text, matcher.start(), matcher.end())});
    }
    if (found.isEmpty()) {
      return bytes;
    }
    int[] range = found.get(random.nextInt(found.size()));
    int[] other = found.get(random.nextInt(found.size()));
    String by =
        random.nextInt(3) == 0
            ? text.substring(other[0], other[1])
            : VALUES.get(random.nextInt(VALUES.size()));
    return SoundFiles.utf8(text.substring(0, range[0]) + by + text.substring(range[1]));
  }

  /** Where an object or array ends that begins here; what is in strings is not looked at. */
  private static int end(String text, int start, int end) {
    if (text.charAt(start) != '{' && text.charAt(start) != '[') {
      return end;
    }
    int depth = 0;
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      depth += c == '{' || c == '[' ? 1 : c == '}' || c == ']' ? -1 : 0;
      if (depth == 0) {
        return i + 1;
      }
    }
    return end;
  }

  private static byte[] raw(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return bytes;
    }
    byte[] result = bytes.clone();
    int at = random.nextInt(result.length);
    switch (random.nextInt(6)) {
      case 0 -> result[at] = (byte) random.nextInt(256);
      case 1 -> result[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> result[at] = (byte) 0xFF;
      case 3 -> result = Arrays.copyOf(result, at);
      case 4 -> result[at] = result[random.nextInt(result.length)];
      default -> {
        int size = random.nextInt(Math.min(12, result.length - at) + 1);
        byte[] longer = Arrays.copyOf(result, result.length + size);
        System.arraycopy(result, at, longer, at + size, result.length - at);
        result = longer;
      }
    }
    return result;
  }
}
