package com.example.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole way of fine-tuning by example: a book, conversations, an assistant. */
@Tag("long")
class ShopAssistantTest {
  private static final String BOOK =
      "integration-tests/quickstart/src/main/resources/io/fundamentallm/quickstart/"
          + "pride-and-prejudice.txt";

  @TempDir private Path folder;

  @Test
  void ninety_five_of_a_hundred_new_questions_are_answered_right() throws Exception {
    String out =
        Jdk.running()
            .java(
                folder,
                List.of(
                    "--add-modules",
                    "jdk.incubator.vector",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ShopAssistant.class.getName(),
                    Page.ROOT.resolve(BOOK).toAbsolutePath().toString(),
                    folder.toString(),
                    "750"))
            .succeeded();
    MatchResult right =
        Pattern.compile("right: (\\d+) of 100").matcher(out).results().findFirst().orElseThrow();
    assertThat(Integer.parseInt(right.group(1))).as(out).isGreaterThanOrEqualTo(95);
  }
}
