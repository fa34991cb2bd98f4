package io.fundamentallm.tokenizers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Detokenizer;
import io.fundamentallm.text.Encoding;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.text.OffsetUnit;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.text.NormalizationForm;
import io.fundamentallm.tokenizers.text.Normalizer;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;

/** Texts come back from byte-level tokenizers as they were, and each token knows its part. */
class RoundTripProperties {
  private static final int TRIES = 100_000;
  private static final List<OffsetUnit> UNITS = List.of(OffsetUnit.values());

  /** The published tokenizers, loaded when they are first asked for. */
  private static final class Published {
    static final Map<String, Tokenizer> ALL = load();

    private Published() {}

    private static Map<String, Tokenizer> load() {
      Map<String, Tokenizer> all = new LinkedHashMap<>();
      String[] names = {
        "r50k_base", "cl100k_base", "o200k_base", "gpt2", "qwen3", "whisper", "deepseek_v3"
      };
      Registry registry = Registry.of().with(new HuggingFaceProvider(), new TiktokenProvider());
      try {
        Path directory = Files.createTempDirectory("published");
        for (String name : names) {
          all.put(name, Tokenizers.load(Golden.files(name, directory), registry));
        }
        Golden.delete(directory);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      return all;
    }
  }

  /** Without the folder of references there is nothing to try. */
  static final class WithReferences implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      return System.getProperty("fundamentallm.shared") == null
          ? SkipResult.skip(
              "tokenizers are not at hand: set -Dfundamentallm.shared to their folder")
          : SkipResult.doNotSkip();
    }
  }

  private static final Tokenizer LEARNED =
      Tokenizers.learn("bpe(vocab-size=400)", LearnedKinds.TEXTS, LearnedKinds.REGISTRY);
  private static final Normalizer NFC = NormalizationForm.NFC;

  @AddLifecycleHook(WithReferences.class)
  @Property(tries = TRIES, seed = "31")
  void published_tokenizers_give_texts_back(@ForAll long seed) {
    Random random = new Random(seed);
    String text = text(random);
    String composed = composed(text);
    Published.ALL.forEach(
        (name, tokenizer) ->
            check(name, tokenizer, text, name.equals("qwen3") ? composed : text, random));
  }

  @Property(tries = TRIES, seed = "32")
  void a_learned_tokenizer_gives_texts_back(@ForAll long seed) {
    Random random = new Random(seed);
    String text = text(random);
    check("learned", LEARNED, text, text, random);
  }

  @AddLifecycleHook(WithReferences.class)
  @Property(tries = TRIES / 4, seed = "33")
  void published_tokenizers_decode_any_tokens_in_a_stream_as_at_once(@ForAll long seed) {
    Random random = new Random(seed);
    Published.ALL.forEach((name, tokenizer) -> checkStream(name, tokenizer, tokens(random, name)));
  }

  @Property(tries = TRIES, seed = "34")
  void a_learned_tokenizer_decodes_any_tokens_in_a_stream_as_at_once(@ForAll long seed) {
    checkStream("learned", LEARNED, tokens(new Random(seed), "learned"));
  }

  private static void check(
      String name, Tokenizer tokenizer, String text, String expected, Random random) {
    int[] ids = tokenizer.encode(text);
    assertThat(tokenizer.decode(ids)).as(name).isEqualTo(expected);
    OffsetUnit unit = UNITS.get(random.nextInt(3));
    if (unit == OffsetUnit.BYTES) { // the slow part, for a third of the texts
      assertThat(tokenizer.count(text)).as(name).isEqualTo(ids.length);
      checkStream(name, tokenizer, ids);
    }
    Encoding encoding = tokenizer.encode(text, EncodingOptions.builder().offsets(unit).build());
    if (!Arrays.equals(encoding.ids(), ids)) {
      assertThat(encoding.ids()).as(name).isEqualTo(ids);
    }
    if (text.equals(expected)) {
      checkOffsets(name, tokenizer, text, encoding, unit);
    } else {
      checkComposedOffsets(name, text, encoding, unit);
    }
  }

  /** A token's range is that of its bytes, with the whole characters that they are parts of. */
  private static void checkOffsets(
      String name, Tokenizer tokenizer, String text, Encoding encoding, OffsetUnit unit) {
    int[] before = unitsBefore(text, unit);
    int[] after = unitsAfter(before);
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    int at = 0;
    for (int i = 0; i < encoding.length(); i++) {
      byte[] token = tokenizer.bytes(encoding.ids()[i]);
      int end = at + token.length;
      boolean same =
          end <= utf8.length
              && Arrays.equals(utf8, at, end, token, 0, token.length)
              && encoding.starts()[i] == before[at]
              && encoding.ends()[i] == after[end];
      if (!same) {
        throw new AssertionError(
            String.format(
                "%s, %s, token %d at byte %d of %s: %s and %s",
                name,
                unit,
                i,
                at,
                HexFormat.of().formatHex(utf8),
                Arrays.toString(encoding.starts()),
                Arrays.toString(encoding.ends())));
      }
      at = end;
    }
    assertThat(at).as(name).isEqualTo(utf8.length);
  }

  /** Where characters were composed, the ranges still lie in the text, one behind the other. */
  private static void checkComposedOffsets(
      String name, String text, Encoding encoding, OffsetUnit unit) {
    int size =
        switch (unit) {
          case BYTES -> text.getBytes(StandardCharsets.UTF_8).length;
          case UTF16 -> text.length();
          case CODE_POINTS -> text.codePointCount(0, text.length());
        };
    int last = 0;
    for (int i = 0; i < encoding.length(); i++) {
      int start = encoding.starts()[i];
      int end = encoding.ends()[i];
      if (start < last || end < start || end > size) {
        throw new AssertionError(name + ", " + unit + ", token " + i + ": " + encoding);
      }
      last = start;
    }
  }

  /** For each byte, where its character begins, in this unit. */
  private static int[] unitsBefore(String text, OffsetUnit unit) {
    int[] units = new int[text.length() * 3 + 1];
    int n = 0;
    int at = 0;
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      int size = TextBuffer.size(c);
      for (int k = 0; k < size; k++) {
        units[n++] = at;
      }
      i += Character.charCount(c);
      at +=
          switch (unit) {
            case BYTES -> size;
            case UTF16 -> Character.charCount(c);
            case CODE_POINTS -> 1;
          };
    }
    units[n] = at;
    return Arrays.copyOf(units, n + 1);
  }

  /** For each byte, where the character of the byte before it ends. */
  private static int[] unitsAfter(int[] before) {
    int[] units = before.clone();
    for (int i = before.length - 2; i > 0; i--) {
      // inside a character, its end is where the next one begins
      units[i] = before[i] == before[i - 1] ? units[i + 1] : before[i];
    }
    return units;
  }

  private static void checkStream(String name, Tokenizer tokenizer, int[] ids) {
    Detokenizer detokenizer = tokenizer.detokenizer();
    StringBuilder pieces = new StringBuilder();
    for (int id : ids) {
      pieces.append(detokenizer.append(id));
      if (!pieces.isEmpty() && Character.isHighSurrogate(pieces.charAt(pieces.length() - 1))) {
        throw new AssertionError(name + " gave half a character of " + Arrays.toString(ids));
      }
    }
    pieces.append(detokenizer.finish());
    String whole = tokenizer.decode(ids);
    if (!whole.contentEquals(pieces)) {
      assertThat(pieces.toString()).as("%s of %s", name, Arrays.toString(ids)).isEqualTo(whole);
    }
  }

  private static int[] tokens(Random random, String name) {
    Tokenizer tokenizer = name.equals("learned") ? LEARNED : Published.ALL.get(name);
    int size = tokenizer.vocabulary().size();
    int[] ids = new int[random.nextInt(24)];
    for (int i = 0; i < ids.length; i++) {
      // the first ids are mostly single bytes, which make malformed text
      ids[i] = random.nextInt(random.nextBoolean() ? Math.min(size, 300) : size);
    }
    return ids;
  }

  private static String composed(String text) {
    TextBuffer in = new TextBuffer();
    TextBuffer out = new TextBuffer();
    in.clear(false);
    in.add(text, 0, text.length(), 0);
    out.clear(false);
    NFC.normalize(in, out);
    return new String(out.bytes(), 0, out.length(), StandardCharsets.UTF_8);
  }

  /** Up to 40 code points of all kinds, mostly in runs of one kind. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int kind = 0;
    for (int left = random.nextInt(41); left > 0; left--) {
      kind = random.nextInt(3) == 0 ? random.nextInt(10) : kind;
      text.appendCodePoint(
          switch (kind) {
            case 0, 1 -> 'a' + random.nextInt(26);
            case 2 -> random.nextInt(128);
            case 3 -> " \t\n\r\u00A0\u2003\u3000\u0085 ".charAt(random.nextInt(9));
            case 4 -> 0x300 + random.nextInt(0x70);
            case 5 -> 0x4E00 + random.nextInt(0x5200);
            case 6 -> random.nextInt(4) == 0 ? 0x200D : 0x1F300 + random.nextInt(0x400);
            case 7 -> random.nextInt(0xD800);
            case 8 -> 0xE000 + random.nextInt(0x2000);
            default -> 0x10000 + random.nextInt(0x100000);
          });
    }
    return text.toString();
  }
}
