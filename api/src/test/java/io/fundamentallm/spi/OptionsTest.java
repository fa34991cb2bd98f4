package io.fundamentallm.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OptionsTest {
  private static final Range PROBABILITY = Range.openClosed(0, 1);

  private static Options given(String option, String text) {
    return Options.of("stage", Map.of(option, text));
  }

  private static Options none() {
    return Options.of("stage", Map.of());
  }

  @Test
  void what_is_given_is_read_and_what_is_not_has_its_default() {
    assertThat(given("value", "0.5").real("value", PROBABILITY)).isEqualTo(0.5);
    assertThat(given("value", "1e-2").real("value", 1, PROBABILITY)).isEqualTo(0.01);
    assertThat(none().real("value", 0.7, PROBABILITY)).isEqualTo(0.7);
    assertThat(given("n", "-3").integer("n", -5, 5)).isEqualTo(-3);
    assertThat(given("n", "2").integer("n", 4, 0, 9)).isEqualTo(2);
    assertThat(none().integer("n", 4, 0, 9)).isEqualTo(4);
    assertThat(given("on", "TRUE").flag("on", false)).isTrue();
    assertThat(given("on", "false").flag("on", true)).isFalse();
    assertThat(none().flag("on", true)).isTrue();
    assertThat(given("t", "x").text("t")).isEqualTo("x");
    assertThat(given("t", "x").text("t", "y")).isEqualTo("x");
    assertThat(none().text("t", "y")).isEqualTo("y");
    assertThat(given("c", "b").choice("c", "a", List.of("a", "b"))).isEqualTo("b");
    assertThat(none().choice("c", "a", List.of("a", "b"))).isEqualTo("a");
    assertThat(given("t", "x").has("t")).isTrue();
    assertThat(none().has("t")).isFalse();
    assertThat(none().stage()).isEqualTo("stage");
  }

  @Test
  void a_value_out_of_range_is_refused_with_stage_option_and_range() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> given("value", "1.5").real("value", PROBABILITY))
        .withMessage("stage \"stage\", value: \"1.5\" is not in (0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> given("p", "0").real("p", 1, PROBABILITY))
        .withMessage("stage \"stage\", option \"p\": \"0\" is not in (0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> given("n", "10").integer("n", 0, 9))
        .withMessage("stage \"stage\", option \"n\": \"10\" is not a whole number in [0, 9]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> given("n", "0").integer("n", 1, 1, Integer.MAX_VALUE))
        .withMessageEndingWith("\"0\" is not a whole number of at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> given("c", "z").choice("c", "a", List.of("a", "b")))
        .withMessageEndingWith("\"z\" is not one of a, b");
  }

  @Test
  void what_is_no_number_is_refused_like_what_is_out_of_range() {
    for (String text :
        List.of(
            "many", "", "NaN", "1,5", "1d", "1f", "0x1p-1", "Infinity", " 1", "1e", ".", "٠.٥")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> given("p", text).real("p", PROBABILITY))
          .withMessageContaining("\"" + text + "\" is not")
          .withMessageContaining("(0, 1]");
    }
    for (String text : List.of("1.0", "", "99999999999", "٣", "3d", "0x3", " 3")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> given("n", text).integer("n", 0, 9))
          .withMessageContaining("\"" + text + "\" is not a whole number in [0, 9]");
    }
    for (String text : List.of("1", "+1", "1.", ".5", "0.5e0", "5E-1", "50e-2")) {
      assertThat(given("p", text).real("p", PROBABILITY)).isBetween(0.5, 1.0);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> given("on", "yes").flag("on", true))
        .withMessageEndingWith("\"yes\" is not true or false");
  }

  @Test
  void what_is_required_and_missing_is_asked_for() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> none().real("value", PROBABILITY))
        .withMessage("stage \"stage\" needs a value: write stage=… with a number in (0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> none().integer("n", 0, 9))
        .withMessage("stage \"stage\" needs option \"n\": a whole number in [0, 9]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> none().text("t"))
        .withMessage("stage \"stage\" needs option \"t\": a text");
  }

  @Test
  void what_was_given_in_place_of_a_required_option_is_told_too() {
    Options misspelt = Options.of("xtc", new TreeMap<>(Map.of("probabilty", "1", "threshold", "")));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> misspelt.real("probability", Range.closed(0, 1)))
        .withMessage(
            "stage \"xtc\" needs option \"probability\": a number in [0, 1]. Did you mean it by"
                + " \"probabilty\"?");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.of("top-k", Map.of("foo", "3")).integer("value", 1, 9))
        .withMessage(
            "stage \"top-k\" needs a value: write top-k=… with a whole number in [1, 9]; given:"
                + " foo");
    Options read = Options.of("dry", Map.of("base", "2", "value", "3"));
    read.real("base", Range.atLeast(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> read.text("multiplier"))
        .withMessage("stage \"dry\" needs option \"multiplier\": a text; given: value");
  }

  @Test
  void what_is_no_stage_is_called_what_it_is() {
    Options options = Options.of("runtime", "cpu", Map.of("weight", "int8"));
    assertThatIllegalArgumentException()
        .isThrownBy(options::requireAllUsed)
        .withMessage("runtime \"cpu\" has no option \"weight\"; it takes no options");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options.integer("weight", 1, 9))
        .withMessageStartingWith("runtime \"cpu\", option \"weight\": \"int8\" is not");
  }

  @Test
  void an_option_that_nobody_asked_for_is_unknown() {
    Options options = Options.of("stage", Map.of("widht", "4"));
    options.integer("width", 1, 1, 9);
    options.flag("early", false);
    assertThatIllegalArgumentException()
        .isThrownBy(options::requireAllUsed)
        .withMessage("stage \"stage\" has no option \"widht\"; it takes: early, width");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> given("value", "1").requireAllUsed())
        .withMessage("stage \"stage\" has no value; it takes no options");
    none().requireAllUsed();
  }

  @Test
  void ranges_print_and_hold_what_they_accept() {
    assertThat(Range.closed(-1, 1)).hasToString("[-1, 1]");
    assertThat(Range.closedOpen(0, 0.5)).hasToString("[0, 0.5)");
    assertThat(Range.atLeast(1)).hasToString("[1, infinity)");
    assertThat(Range.greaterThan(Double.NEGATIVE_INFINITY)).hasToString("(-infinity, infinity)");
    assertThat(Range.closed(0, 1).contains(0)).isTrue();
    assertThat(Range.closed(0, 1).contains(1)).isTrue();
    assertThat(Range.openClosed(0, 1).contains(0)).isFalse();
    assertThat(Range.closedOpen(0, 1).contains(1)).isFalse();
    assertThat(Range.greaterThan(0).contains(0)).isFalse();
    assertThat(Range.atLeast(0).contains(Double.POSITIVE_INFINITY)).isFalse();
    assertThat(Range.atLeast(0).contains(Double.NaN)).isFalse();
  }
}
