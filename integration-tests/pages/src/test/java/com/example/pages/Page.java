package com.example.pages;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A Markdown file of this repository.
 *
 * @param name its path from the root, with slashes
 * @param text all of it
 */
record Page(String name, String text) {
  static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();

  private static final Pattern FENCE =
      Pattern.compile("^```(\\w*)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern HEADING = Pattern.compile("^#+ +(.+)$", Pattern.MULTILINE);
  private static final Pattern TYPE =
      Pattern.compile("`(io\\.fundamentallm(?:\\.[a-z0-9]+)*)?\\.([A-Z]\\w*)`");
  private static final Pattern LINK = Pattern.compile("\\[[^\\[\\]]*]\\(([^)\\s]+)\\)");

  /**
   * A fenced block.
   *
   * @param language the word behind the fence, or nothing
   * @param text its lines
   */
  record Block(String language, String text) {}

  /** All of them, but for what builds leave and for folders that are hidden. */
  static List<Page> all() throws IOException {
    List<Page> pages = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            String name = folder.getFileName().toString();
            return !folder.equals(ROOT) && (name.startsWith(".") || name.equals("target"))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (file.toString().endsWith(".md")) {
              String name = ROOT.relativize(file).toString().replace('\\', '/');
              pages.add(new Page(name, Files.readString(file)));
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return pages;
  }

  Path file() {
    return ROOT.resolve(name);
  }

  List<Block> blocks() {
    return FENCE
        .matcher(text)
        .results()
        .map((MatchResult match) -> new Block(match.group(1), match.group(2)))
        .toList();
  }

  boolean hasJava() {
    return blocks().stream().anyMatch(block -> block.language().equals("java"));
  }

  /** Where its links lead; code is left out. */
  List<String> links() {
    return LINK.matcher(prose().replaceAll("`[^`\n]*`", "code"))
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  /**
   * The types of the library that its text names with their packages, alone between backticks, and
   * those named {@code .Name}, which lie in the package that was named last.
   */
  List<String> types() {
    List<String> types = new ArrayList<>();
    String last = "";
    for (MatchResult match : TYPE.matcher(prose()).results().toList()) {
      last = Objects.requireNonNullElse(match.group(1), last);
      types.add(last + "." + match.group(2));
    }
    return types;
  }

  /** What {@code #} can name in it, made from the headings as GitHub makes them. */
  Set<String> anchors() {
    return HEADING
        .matcher(prose())
        .results()
        .map(match -> match.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private String prose() {
    return FENCE.matcher(text).replaceAll("");
  }

  @Override
  public String toString() {
    return name;
  }
}
