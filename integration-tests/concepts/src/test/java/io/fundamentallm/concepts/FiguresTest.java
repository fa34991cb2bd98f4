package io.fundamentallm.concepts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** Trains the page's model again, and measures again what the page says. */
class FiguresTest {
  private static final Path COMMITTED = Path.of("figures");

  private static Experiment experiment;
  private static List<Figure> figures;
  private static String printed;

  @BeforeAll
  static void train() throws Exception {
    experiment = Experiment.train();
    figures = Concepts.figures(experiment);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      new Walkthrough(experiment, out).run();
    }
    printed = bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @AfterAll
  static void close() {
    if (experiment != null) {
      experiment.close();
    }
  }

  @Test
  void the_committed_figures_are_what_it_measures() throws Exception {
    for (Figure figure : figures) {
      assertThat(COMMITTED.resolve(figure.name() + ".svg"))
          .as("mvn -Pfigures redraws it; see the module's README")
          .hasContent(figure.svg());
    }
    try (Stream<Path> files = Files.list(COMMITTED)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(
              figures.stream().map(figure -> figure.name() + ".svg").toList());
    }
  }

  @Test
  void the_numbers_of_the_page_are_what_it_measures() throws Exception {
    String page = Page.read().unbroken();
    assertThat(figures).allSatisfy(figure -> assertThat(page).contains(figure.caption()));
  }

  @Test
  void the_output_on_the_page_is_what_the_code_prints() throws Exception {
    assertThat(String.join("", Page.read().blocks("text"))).isEqualTo(printed);
  }

  @Test
  void the_page_shows_each_figure_and_says_what_is_on_it() throws Exception {
    assertThat(Page.read().found("!\\[[^\\]]{20,}\\]\\(figures/([^)]*)\\.svg\\)"))
        .containsExactlyElementsOf(figures.stream().map(Figure::name).toList());
  }

  @Test
  void a_figure_is_small_and_readable_on_light_and_on_dark() throws Exception {
    for (Figure figure : figures) {
      byte[] bytes = figure.svg().getBytes(StandardCharsets.UTF_8);
      assertThat(bytes).as(figure.name()).hasSizeLessThan(30_000);
      Document svg =
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new ByteArrayInputStream(bytes));
      Element root = svg.getDocumentElement();
      assertThat(Integer.parseInt(root.getAttribute("width"))).isBetween(360, 720);
      assertThat(root.getElementsByTagName("title").getLength()).isEqualTo(1);
      assertThat(root.getElementsByTagName("text").getLength()).isGreaterThan(10);
      assertThat(figure.svg()).contains("prefers-color-scheme:dark").doesNotContain("NaN");
    }
  }

  @Test
  void no_prediction_depends_on_what_comes_later() {
    String caption =
        figures.stream()
            .filter(figure -> figure.name().equals("dependency"))
            .map(Figure::caption)
            .findFirst()
            .orElseThrow();
    assertThat(caption).startsWith("Of 153 pairs").contains("as it was in 153.");
  }
}
