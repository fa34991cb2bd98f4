package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Distribution;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Cases of other systems' own tests, under the rules that they share with this library. */
class ReferenceCasesTest {
  @Test
  void cases_of_other_systems_give_the_same_tokens_and_probabilities() throws IOException {
    int ran = 0;
    List<String> leftOut = new ArrayList<>();
    for (String line : lines()) {
      if (line.startsWith("#")) {
        continue;
      }
      String[] parts = line.split(" \\| ", -1);
      if (parts[1].equals("left out")) {
        leftOut.add(parts[0] + ": " + parts[2]);
        continue;
      }
      Distribution actual = Stages.distribution(parts[1], row(parts[2]));
      for (String expected : Arrays.asList(parts).subList(3, parts.length)) {
        check(parts[0], actual, expected);
      }
      ran++;
    }
    System.out.println("reference cases of samplers: " + ran + " ran, left out:");
    leftOut.forEach(reason -> System.out.println("  " + reason));
    assertThat(ran).isEqualTo(33);
  }

  private static void check(String id, Distribution actual, String expected) {
    String[] words = expected.split(" ", -1);
    switch (words[0]) {
      case "count" -> assertThat(actual.size()).as(id).isEqualTo(Integer.parseInt(words[1]));
      case "kept" -> {
        List<String> kept = new ArrayList<>();
        for (int i = 0; i < actual.size(); i++) {
          kept.add(Integer.toString(actual.token(i)));
        }
        assertThat(kept).as(id).isEqualTo(Arrays.asList(words).subList(1, words.length));
      }
      case "probs" -> {
        double tolerance = Double.parseDouble(words[1]);
        for (int token = 0; token < words.length - 2; token++) {
          assertThat(actual.probability(token))
              .as("%s, token %d", id, token)
              .isCloseTo(Double.parseDouble(words[token + 2]), within(tolerance));
        }
      }
      default -> throw new IllegalArgumentException(expected);
    }
  }

  private static float[] row(String input) {
    String[] words = input.split(" ", -1);
    double[] values = new double[words.length - 1];
    float[] row = new float[values.length];
    for (int i = 0; i < row.length; i++) {
      values[i] = Double.parseDouble(words[i + 1]);
      row[i] = (float) values[i];
    }
    return words[0].equals("probs") ? Stages.logits(values) : row;
  }

  private static List<String> lines() throws IOException {
    try (InputStream in = ReferenceCasesTest.class.getResourceAsStream("/reference-cases.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
