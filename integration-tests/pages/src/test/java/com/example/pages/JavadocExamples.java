package com.example.pages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The examples in the Javadoc of api: each {@code @apiNote} of a type has one. */
final class JavadocExamples {
  private static final Path SOURCES = Page.ROOT.resolve("api/src/main/java");

  private static final Pattern NOTE =
      Pattern.compile("@apiNote [^<@]*<pre>\\{@code\n(.*?)\n \\* }</pre>", Pattern.DOTALL);

  /** Javadoc links to each type, so its examples show none. */
  private static final String IMPORTS =
      """
      import io.fundamentallm.*;
      import io.fundamentallm.chat.*;
      import io.fundamentallm.decoding.*;
      import io.fundamentallm.evaluation.*;
      import io.fundamentallm.model.*;
      import io.fundamentallm.spi.*;
      import io.fundamentallm.text.*;
      import io.fundamentallm.training.*;
      import java.nio.file.*;
      import java.time.Duration;
      import java.util.*;
      import java.util.concurrent.*;
      import java.util.regex.MatchResult;
      import java.util.regex.Pattern;
      import java.util.stream.Stream;
      """;

  private JavadocExamples() {}

  /** By type, such as {@code io.fundamentallm.TextGenerator}. */
  static SortedMap<String, String> all() throws IOException {
    SortedMap<String, String> found = new TreeMap<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(one -> one.toString().endsWith(".java")).toList()) {
        String source = Files.readString(file);
        long notes = Pattern.compile("@apiNote").matcher(source).results().count();
        String path = SOURCES.relativize(file).toString();
        String type = path.substring(0, path.length() - 5).replaceAll("[/\\\\]", ".");
        NOTE.matcher(source)
            .results()
            .map((MatchResult note) -> note.group(1).replaceAll("(?m)^ \\* ?", ""))
            .forEach(code -> found.merge(type, code, (one, other) -> one + "\n" + other));
        if (notes != NOTE.matcher(source).results().count()) {
          throw new AssertionError(type + " has an @apiNote that is no example in <pre>{@code");
        }
      }
    }
    return found;
  }

  /** One program that runs them all; classes among them are compiled. */
  static Example program() throws IOException {
    StringBuilder calls = new StringBuilder();
    StringBuilder members = new StringBuilder();
    all()
        .forEach(
            (type, code) -> {
              String name = type.replace('.', '_');
              if (code.startsWith("public final class ")) {
                members
                    .append("static class ")
                    .append(name)
                    .append(" {\n")
                    .append(code)
                    .append("}\n");
              } else {
                calls.append(name).append("(generator, tokenizer, model);\n");
                members.append(Example.method(name, Example.quick(code)));
              }
            });
    return new Example(
        "Pieces", Example.pieces(IMPORTS, calls.toString(), members.toString()), Optional.empty());
  }
}
