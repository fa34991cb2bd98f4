package com.example.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.example.pages.Page.Block;
import io.fundamentallm.fixtures.Jdk;
import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Java of the pages compiles, runs, and prints what stands below it. */
class ExamplesTest {
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir static Path fixture;

  @TempDir Path folder;

  @BeforeAll
  static void makeWhatTheExamplesFind() throws IOException {
    Fixture.write(fixture);
  }

  /** New pages come by themselves. */
  static Stream<Page> pages() throws IOException {
    return Page.all().stream()
        .filter(page -> page.hasJava() && !PagesTest.TESTED_ELSEWHERE.containsKey(page.name()));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void examples_run_and_print_what_the_page_says(Page page) throws Exception {
    for (Example example : Example.of(page)) {
      Path place = Files.createDirectory(folder.resolve(example.mainClass()));
      Fixture.copy(fixture, place);
      compile(page, example, place);
      String printed = run(page, example, place);
      example
          .output()
          .ifPresent(
              output ->
                  assertThat(printed.lines().map(String::stripTrailing))
                      .as("%s: what %s prints", page, example.mainClass())
                      .containsExactlyElementsOf(output.lines().toList()));
    }
  }

  @Test
  void examples_of_the_javadoc_compile_and_run() throws Exception {
    assertThat(JavadocExamples.all())
        .hasSizeGreaterThanOrEqualTo(20)
        .containsKeys("io.fundamentallm.TextGenerator", "io.fundamentallm.spi.SamplerProvider");
    Example example = JavadocExamples.program();
    Fixture.copy(fixture, folder);
    compile("the Javadoc of api", example, folder);
    run("the Javadoc of api", example, folder);
  }

  @ParameterizedTest
  @MethodSource("pages")
  void whole_files_are_those_of_this_repository(Page page) throws IOException {
    for (Block block : page.blocks()) {
      if (block.language().equals("java") && Example.isWholeFile(block.text())) {
        assertThat(sources(".java").contains(block.text()))
            .as("%s: the integration tests have a file that is\n%s", page, block.text())
            .isTrue();
      }
    }
  }

  /** They run in tests that have node. */
  @ParameterizedTest
  @MethodSource("pages")
  void scripts_are_parts_of_those_of_this_repository(Page page) throws IOException {
    for (Block block : page.blocks()) {
      if (block.language().equals("js")) {
        assertThat(sources(".mjs"))
            .as("%s: the integration tests have a script with\n%s", page, block.text())
            .anyMatch(script -> script.contains(block.text()));
      }
    }
  }

  /** Files of the integration tests, plugins among them. */
  private static Set<String> sources(String extension) throws IOException {
    try (Stream<Path> files = Files.walk(Page.ROOT.resolve("integration-tests"))) {
      Set<String> sources = new HashSet<>();
      for (Path file : files.filter(file -> isSource(file, extension)).toList()) {
        sources.add(Files.readString(file));
      }
      return sources;
    }
  }

  private static boolean isSource(Path file, String extension) {
    return file.toString().endsWith(extension)
        && !Page.ROOT.relativize(file).toString().contains("target");
  }

  private static void compile(Object page, Example example, Path place) throws IOException {
    Path file = place.resolve(example.mainClass() + ".java");
    Files.writeString(file, example.source());
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      List<String> options =
          List.of("-encoding", "UTF-8", "-cp", CLASS_PATH, "-d", place.toString());
      boolean compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
              .call();
      assertThat(compiled)
          .as(
              "%s; where it needs other libraries, its module tests it and PagesTest says so: %s",
              page, messages)
          .isTrue();
    }
  }

  /** Starts it as the pages say, on one processor, where short work does not wait for others. */
  private static String run(Object page, Example example, Path place) throws Exception {
    Path out = place.resolve("out.txt");
    Path err = place.resolve("err.txt");
    Process process =
        new ProcessBuilder(
                Jdk.running()
                    .command(
                        List.of(
                            "--add-modules=jdk.incubator.vector",
                            "-XX:ActiveProcessorCount=1",
                            "--enable-native-access=ALL-UNNAMED",
                            "-Dfile.encoding=UTF-8",
                            "-Dstdout.encoding=UTF-8",
                            "-Duser.language=en",
                            "-cp",
                            CLASS_PATH + File.pathSeparator + place,
                            example.mainClass())))
            .directory(place.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    if (!process.waitFor(20, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new AssertionError(page + ": " + example.mainClass() + " runs for 20 minutes");
    }
    assertThat(process.exitValue())
        .as("%s: how %s ended\n%s", page, example.mainClass(), Files.readString(err))
        .isZero();
    return Files.readString(out);
  }
}
