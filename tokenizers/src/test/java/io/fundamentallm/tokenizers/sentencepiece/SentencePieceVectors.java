package io.fundamentallm.tokenizers.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.fundamentallm.tokenizers.model.ByteStrings;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A text, the ids that a reference implementation gives it, and what that decodes them to.
 *
 * @param decoded null where the reference does not say
 */
public record SentencePieceVectors(String text, int[] ids, @Nullable String decoded) {
  static Path folder() {
    String shared = System.getProperty("fundamentallm.shared");
    assumeTrue(shared != null, "the folder of reference data is not set (fundamentallm.shared)");
    Path folder = Path.of(shared, "golden", "tokenizers");
    assumeTrue(Files.isDirectory(folder), "there is no reference data in " + folder);
    return folder;
  }

  /** The bytes of a file of the folder, which may be there zipped only. */
  public static byte[] bytes(String name) throws IOException {
    Path plain = folder().resolve(name);
    if (Files.exists(plain)) {
      return Files.readAllBytes(plain);
    }
    try (GZIPInputStream in =
        new GZIPInputStream(Files.newInputStream(folder().resolve(name + ".gz")))) {
      return in.readAllBytes();
    }
  }

  public static List<SentencePieceVectors> read(String name) throws IOException {
    List<SentencePieceVectors> vectors = new ArrayList<>();
    JsonFactory factory = new JsonFactory();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(
                    Files.newInputStream(folder().resolve("vectors/" + name + ".jsonl.gz"))),
                StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        try (JsonParser json = factory.createParser(line)) {
          vectors.add(parse(json));
        }
      }
    }
    return vectors;
  }

  private static SentencePieceVectors parse(JsonParser json) throws IOException {
    String text = "";
    String decoded = null;
    int[] ids = {};
    json.nextToken();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      switch (name) {
        case "text" -> text = json.getText();
        case "decoded" -> decoded = json.getText();
        case "ids" -> ids = ints(json);
        default -> json.skipChildren();
      }
    }
    return new SentencePieceVectors(text, ids, decoded);
  }

  private static int[] ints(JsonParser json) throws IOException {
    int[] ints = new int[64];
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      if (count == ints.length) {
        ints = Arrays.copyOf(ints, count * 2);
      }
      ints[count++] = json.getIntValue();
    }
    return Arrays.copyOf(ints, count);
  }

  /** The text as UTF-8, each lone surrogate as U+FFFD. */
  static void fill(String text, TextBuffer buffer) {
    buffer.clear(true);
    buffer.add(text, 0, text.length(), 0);
    buffer.reserve(ByteStrings.SLACK);
  }

  public static void assertMany(List<SentencePieceVectors> vectors) {
    assertThat(vectors).hasSizeGreaterThan(2000);
  }
}
