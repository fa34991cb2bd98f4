package com.example.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.pages.Page.Block;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
  private static final Pattern IMPORT = Pattern.compile("^import .*;\\n", Pattern.MULTILINE);
  private static final Pattern PLAN = Pattern.compile(BUILDER + "\\((?:[^()]|\\([^()]*\\))*\\)");

  /** What the pieces of a page find there, each page in a folder of its own. */
  private static final String PIECES =
      """
      %s

      public class Pieces {
        public static void main(String[] args) throws Exception {
          var place = java.nio.file.Path.of("model");
          var tokenizer = io.fundamentallm.Tokenizers.load(place);
          var model = io.fundamentallm.LanguageModels.load(place);
          var generator = io.fundamentallm.TextGenerator.of(tokenizer, model);
          run(generator.withMaxNewTokens(20), tokenizer, model);
        }

        %s
      }
      """;

  /**
   * Those of a page: every block with a {@code main} is one, which prints the block of {@code text}
   * that follows it; pieces are one program together, in their order, with the imports that the
   * page shows. Whole files of this repository are left out.
   */
  static List<Example> of(Page page) {
    List<Example> examples = new ArrayList<>();
    List<String> pieces = new ArrayList<>();
    Set<String> imports = new LinkedHashSet<>();
    List<Block> blocks = page.blocks();
    for (int i = 0; i < blocks.size(); i++) {
      String text = blocks.get(i).text();
      if (blocks.get(i).language().equals("java") && !isWholeFile(text)) {
        IMPORT.matcher(text).results().map(MatchResult::group).forEach(imports::add);
        if (text.contains("void main(")) {
          boolean printed = i + 1 < blocks.size() && blocks.get(i + 1).language().equals("text");
          examples.add(program(text, Optional.of(i + 1).filter(n -> printed).map(blocks::get)));
        } else {
          pieces.add(text);
        }
      }
    }
    if (!pieces.isEmpty()) {
      String code = IMPORT.matcher(String.join("\n", pieces)).replaceAll("");
      String source = pieces(String.join("", imports), quick(code), "");
      examples.add(new Example("Pieces", source, Optional.empty()));
    }
    return examples;
  }

  /** A program that finds a generator, a tokenizer and a model, with members beside it. */
  static String pieces(String imports, String code, String members) {
    return PIECES.formatted(imports, method("run", code) + members);
  }

  static String method(String name, String code) {
    return """
        static void %s(
            io.fundamentallm.TextGenerator generator,
            io.fundamentallm.text.Tokenizer tokenizer,
            io.fundamentallm.model.LanguageModel model)
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
