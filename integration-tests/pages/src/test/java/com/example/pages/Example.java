package com.example.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.pages.Page.Block;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A Java program that a page shows, whole or in pieces.
 *
 * @param mainClass its class with {@code main}
 * @param source as it is compiled
 * @param output what the page says that it prints; empty where it does not say
 */
record Example(String mainClass, String source, Optional<String> output) {
  private static final Pattern CLASS = Pattern.compile("public class (\\w+)");
  private static final Pattern BUILDER = Pattern.compile("\\bTrainingPlan\\s*\\.\\s*builder\\b");
  private static final Pattern PLAN = Pattern.compile(BUILDER + "\\((?:[^()]|\\([^()]*\\))*\\)");

  /** What the pieces of a page find there, each page in a folder of its own. */
  private static final String PIECES =
      """
      import io.fundamentallm.*;
      import io.fundamentallm.chat.*;
      import io.fundamentallm.decoding.*;
      import io.fundamentallm.model.*;
      import io.fundamentallm.text.*;
      import io.fundamentallm.evaluation.*;
      import io.fundamentallm.spi.*;
      import io.fundamentallm.training.*;
      import io.fundamentallm.runtime.cpu.gguf.*;
      import io.fundamentallm.runtime.cpu.onnx.*;
      import java.nio.file.*;
      import java.time.Duration;
      import java.util.ArrayList;
      import java.util.Arrays;
      import java.util.List;
      import java.util.OptionalInt;
      import java.util.regex.MatchResult;
      import java.util.regex.Pattern;
      import java.util.concurrent.*;
      import java.util.concurrent.atomic.AtomicBoolean;
      import java.util.stream.Stream;

      public class Pieces {
        public static void main(String[] args) throws Exception {
          Tokenizer tokenizer = Tokenizers.load(Path.of("model"));
          LanguageModel model = LanguageModels.load(Path.of("model"));
          run(TextGenerator.of(tokenizer, model).withMaxNewTokens(20), tokenizer, model);
        }

        %s
      }
      """;

  /**
   * Those of a page: every block with a {@code main} is one, which prints the block of {@code text}
   * that follows it; pieces are one program together, in their order. Whole files of this
   * repository are left out.
   */
  static List<Example> of(Page page) {
    List<Example> examples = new ArrayList<>();
    List<String> pieces = new ArrayList<>();
    List<Block> blocks = page.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      String text = blocks.get(i).text();
      if (blocks.get(i).language().equals("java") && !isWholeFile(text)) {
        if (text.contains("void main(")) {
          boolean printed = i + 1 < blocks.size() && blocks.get(i + 1).language().equals("text");
          examples.add(program(text, Optional.of(i + 1).filter(n -> printed).map(blocks::get)));
        } else {
          pieces.add(text);
        }
      }
    }
    if (!pieces.isEmpty()) {
      String source = pieces(quick(String.join("\n", pieces)), "");
      examples.add(new Example("Pieces", source, Optional.empty()));
    }
    return examples;
  }

  /** A program that finds a generator, a tokenizer and a model, with members beside it. */
  static String pieces(String code, String members) {
    return PIECES.formatted(method("run", code) + members);
  }

  static String method(String name, String code) {
    return """
        static void %s(TextGenerator generator, Tokenizer tokenizer, LanguageModel model)
            throws Exception {
          %s
        }
        """
        .formatted(name, code);
  }

  /** Whether it is a file of its own, as in a jar of a plugin. */
  static boolean isWholeFile(String block) {
    return Pattern.compile("^(package|module) ", Pattern.MULTILINE).matcher(block).find();
  }

  private static Example program(String text, Optional<Block> output) {
    MatchResult name =
        CLASS.matcher(text).results().findFirst().orElseThrow(() -> new AssertionError(text));
    return new Example(name.group(1), quick(text), output.map(Block::text));
  }

  /** Trains for two small steps where the page does not say for how many, or how large. */
  static String quick(String source) {
    assertThat(PLAN.matcher(source).results().count())
        .as("plans made quick, of all (parentheses nest no deeper than twice) in:\n%s", source)
        .isEqualTo(BUILDER.matcher(source).results().count());
    return PLAN.matcher(source).replaceAll("$0.steps(2).batchSize(2)");
  }
}
