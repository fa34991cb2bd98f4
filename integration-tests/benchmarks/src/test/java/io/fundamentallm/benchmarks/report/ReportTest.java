package io.fundamentallm.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.benchmarks.rotation.Figure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class ReportTest {
  private static final List<Figure> FIGURES =
      List.of(
          new Figure("one & two", "ours", 30),
          new Figure("one & two", "theirs", 20),
          new Figure("one & two", "another's", 10),
          new Figure("three", "ours", 5));

  @TempDir private Path folder;

  private static Table table(boolean more) {
    return new Table(
        new Comparison("things", "Things", "tokens/s", more, ReportTest.class, List.of()), FIGURES);
  }

  @Test
  void a_table_says_how_many_times_as_good_we_are_as_the_best_of_the_others() {
    assertThat(table(true).markdown())
        .isEqualTo(
            """
            | tokens/s | ours | theirs | another's | ours beside the best other |
            |---|---|---|---|---|
            | one & two | 30.0 | 20.0 | 10.0 | 1.50 times |
            | three | 5.00 | | | |
            """);
  }

  @Test
  void where_less_is_better_the_best_is_the_least() {
    assertThat(table(false).markdown()).contains("| 0.33 times |");
  }

  @Test
  void a_limit_is_not_one_of_the_others_but_what_we_reach_a_part_of() {
    List<Figure> figures =
        List.of(
            new Figure("x", "ours", 3),
            new Figure("x", "theirs", 2),
            new Figure("x", Figure.LIMIT, 4),
            new Figure("y", "ours", 3),
            new Figure("y", "theirs", 2));
    assertThat(new Table(table(true).comparison(), figures).markdown())
        .contains("| ours beside the best other | of the limit |")
        .contains("| 1.50 times | 0.75 |")
        .contains("| y | 3.00 | 2.00 | | 1.50 times | |");
    assertThat(new Table(table(false).comparison(), figures).markdown()).contains("| 1.33 |");
  }

  @Test
  void contestants_that_are_all_ours_have_no_ratio() {
    List<Figure> figures = List.of(new Figure("x", "one", 1), new Figure("x", "many", 2));
    Comparison comparison = table(true).comparison();
    assertThat(new Table(comparison, figures).markdown())
        .isEqualTo("| tokens/s | one | many |\n|---|---|---|\n| x | 1.00 | 2.00 |\n");
  }

  @Test
  void a_chart_is_xml_with_a_bar_for_each_figure_as_long_as_its_part_of_the_greatest()
      throws Exception {
    String svg = BarChart.svg(table(true));
    Document document =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(3 + FIGURES.size());
    assertThat(svg).contains("width=\"360.0\"", "width=\"240.0\"", "width=\"120.0\"");
    assertThat(svg).contains(">one &amp; two<", ">30.0<", ">5.00<");
  }

  @Test
  void a_section_is_replaced_and_what_people_wrote_stays() throws IOException {
    Path file = folder.resolve("RESULTS.md");
    Files.writeString(file, "# Results\n\nBy hand.\n");
    ResultsFile results = new ResultsFile(file);
    results.put("a", "first\n");
    results.put("b", "second\n");
    results.put("a", "third\n");
    assertThat(Files.readString(file))
        .startsWith("# Results\n\nBy hand.\n")
        .containsOnlyOnce("## All comparisons")
        .contains("<!-- begin a -->\nthird\n<!-- end a -->")
        .contains("<!-- begin b -->\nsecond\n<!-- end b -->")
        .doesNotContain("first");
  }

  @Test
  void a_file_with_half_a_pair_of_marks_is_refused_and_left_as_it_is() throws IOException {
    Path file = folder.resolve("RESULTS.md");
    String text = "# Results\n<!-- begin a -->\n";
    Files.writeString(file, text);
    assertThatThrownBy(() -> new ResultsFile(file).put("a", "x\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("only one of the marks");
    assertThat(Files.readString(file)).isEqualTo(text);
  }
}
