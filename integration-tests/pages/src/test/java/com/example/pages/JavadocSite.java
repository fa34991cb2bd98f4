package com.example.pages;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the site of all Javadoc explains, as the pom that writes it says. */
final class JavadocSite {
  private static final Path MODULE = Page.ROOT.resolve("integration-tests/javadoc");
  private static final Pattern FOLDER = Pattern.compile("\\$\\{project\\.basedir}/([^;<]+)");
  private static final Pattern FILES = Pattern.compile("<include>([^<]+\\.java)</include>");

  private JavadocSite() {}

  /** Public types with their packages, as {@code io.fundamentallm.model.Spec}. */
  static Set<String> types() throws IOException {
    String pom = Files.readString(MODULE.resolve("pom.xml"));
    List<PathMatcher> includes =
        FILES
            .matcher(pom)
            .results()
            .map(match -> FileSystems.getDefault().getPathMatcher("glob:" + match.group(1)))
            .toList();
    Set<String> types = new HashSet<>();
    for (String folder :
        FOLDER.matcher(pom).results().map(match -> match.group(1)).distinct().toList()) {
      Path sources = MODULE.resolve(folder).normalize();
      if (folder.endsWith("src/main/java")) {
        try (Stream<Path> files = Files.walk(sources)) {
          for (Path file : files.toList()) {
            Path name = sources.relativize(file);
            if (includes.stream().anyMatch(include -> include.matches(name)) && isPublic(file)) {
              types.add(type(name));
            }
          }
        }
      }
    }
    return types;
  }

  /** The type of a source file, from the path of its package on. */
  static String type(Path file) {
    return file.toString().replace('\\', '/').replaceFirst("\\.java$", "").replace('/', '.');
  }

  private static boolean isPublic(Path file) throws IOException {
    return Files.readString(file).contains("\npublic ");
  }
}
