package io.fundamentallm.javadoc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the artifacts of the bill of materials show to others, read from their sources. */
final class PublishedSources {
  private static final Path ROOT = Path.of("..", "..");

  /** Nobody compiles against them. */
  private static final Set<String> PROGRAMS =
      Set.of("fundamentallm-command-line", "fundamentallm-web-service");

  private PublishedSources() {}

  /** Those of {@link #exported()}, and those of providers. */
  static Set<String> packages() throws IOException {
    Set<String> packages = exported();
    providers().forEach(type -> packages.add(packageOf(type)));
    return packages;
  }

  /** Exported packages; of an artifact without a descriptor, those with public types. */
  private static Set<String> exported() throws IOException {
    Set<String> packages = new TreeSet<>();
    for (Path sources : folders()) {
      Path descriptor = sources.resolve("module-info.java");
      if (Files.exists(descriptor)) {
        packages.addAll(found("exports ([\\w.]+);", descriptor));
      } else {
        publicTypes(sources).forEach(type -> packages.add(packageOf(type)));
      }
    }
    return packages;
  }

  /** The public top-level types of exported packages and the providers, with their packages. */
  static Set<String> types() throws IOException {
    Set<String> packages = exported();
    Set<String> types = new TreeSet<>(providers());
    for (Path sources : folders()) {
      publicTypes(sources).stream()
          .filter(type -> packages.contains(packageOf(type)))
          .forEach(types::add);
    }
    return types;
  }

  /**
   * What descriptors provide, wherever it lies: specs name it, and its options are explained there.
   */
  private static List<String> providers() throws IOException {
    List<String> providers = new ArrayList<>();
    for (Path sources : folders()) {
      Path descriptor = sources.resolve("module-info.java");
      if (Files.exists(descriptor)) {
        for (String names : found("provides [\\w.]+ with\\s+([^;]+);", descriptor)) {
          providers.addAll(List.of(names.split(",\\s*")));
        }
      }
    }
    return providers;
  }

  private static String packageOf(String type) {
    return type.substring(0, type.lastIndexOf('.'));
  }

  /** The folders of sources of the artifacts that the BOM lists, whatever modules they are of. */
  private static List<Path> folders() throws IOException {
    List<String> published =
        found("<artifactId>([\\w-]+)</artifactId>\\s*<version>", ROOT.resolve("bom/pom.xml"));
    List<Path> folders = new ArrayList<>();
    for (Path parent : List.of(ROOT, ROOT.resolve("integration-tests"))) {
      try (Stream<Path> modules = Files.list(parent)) {
        for (Path module : modules.toList()) {
          Path sources = module.resolve("src/main/java");
          if (Files.exists(sources)) {
            String artifact =
                found("\n  <artifactId>([\\w-]+)</artifactId>", module.resolve("pom.xml")).get(0);
            if (published.contains(artifact) && !PROGRAMS.contains(artifact)) {
              folders.add(sources);
            }
          }
        }
      }
    }
    return folders;
  }

  private static List<String> publicTypes(Path sources) throws IOException {
    List<String> types = new ArrayList<>();
    try (Stream<Path> files = Files.walk(sources)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String name = file.getFileName().toString().replace(".java", "");
        if (!found("\n(public )[^(;]*\\b" + name + "\\b", file).isEmpty()) {
          types.add(found("\n?package ([\\w.]+);", file).get(0) + "." + name);
        }
      }
    }
    return types;
  }

  private static List<String> found(String regex, Path file) throws IOException {
    return Pattern.compile(regex)
        .matcher(Files.readString(file))
        .results()
        .map((MatchResult match) -> match.group(1))
        .toList();
  }
}
