package io.fundamentallm.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Decoders;
import io.fundamentallm.Registry;
import io.fundamentallm.Samplers;
import io.fundamentallm.Stubs;
import io.fundamentallm.spi.SamplerProvider;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecTest {
  @Test
  void stages_stand_in_the_written_order() {
    Spec spec = Spec.parse("repetition-penalty=1.1,top_k(value=50),greedy");
    assertThat(spec.stages())
        .containsExactly(
            new Spec.Stage("repetition-penalty", Map.of("value", "1.1")),
            new Spec.Stage("top_k", Map.of("value", "50")),
            new Spec.Stage("greedy", Map.of()));
    assertThat(spec).hasToString("repetition-penalty=1.1,top_k(value=50),greedy");
  }

  @Test
  void options_stand_in_the_written_order() {
    Spec.Stage stage = Spec.single("beam(width=4,length-penalty=0.6,a.b=c:0)");
    assertThat(stage.options())
        .containsExactly(
            Map.entry("width", "4"), Map.entry("length-penalty", "0.6"), Map.entry("a.b", "c:0"));
  }

  @Test
  void white_space_between_the_parts_is_ignored() {
    assertThat(Spec.parse("  top-p =\t0.9 ,\n beam ( width = 4 , x = \"y\" )  ").stages())
        .isEqualTo(Spec.parse("top-p=0.9,beam(width=4,x=\"y\")").stages());
  }

  @Test
  void quoted_values_keep_everything_and_know_the_usual_escapes() {
    Spec.Stage stage = Spec.single("grammar=\"a,(b)=@ \\\"c\\\" \\\\ \\n\\r\\t\\u00e9\"");
    assertThat(stage.options()).containsEntry("value", "a,(b)=@ \"c\" \\ \n\r\t\u00e9");
    assertThat(Spec.single("a=\"\"").options()).containsEntry("value", "");
  }

  @Test
  void a_file_is_the_value_after_an_at_sign(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("with space, and comma.txt");
    Spec.Stage stage = Spec.single("grammar=@\"" + file + "\"");
    assertThat(stage.files()).containsExactly("value");
    assertThat(stage.options()).containsEntry("value", file.toString());
    Files.writeString(file, "root ::= \"\u00e9\"\n");
    assertThat(stage.read(SpecFiles.fileSystem()))
        .isEqualTo(new Spec.Stage("grammar", Map.of("value", "root ::= \"\u00e9\"\n")));
    Path plain = Files.writeString(directory.resolve("g.txt"), "x");
    assertThat(Spec.single("a(b=@" + plain + ",c=d)").read(SpecFiles.fileSystem()).options())
        .isEqualTo(Map.of("b", "x", "c", "d"));
  }

  @Test
  void parsing_reads_no_file_and_a_file_that_cannot_be_read_is_named() {
    for (String file : List.of("no/such/file.gbnf", "\"nul\\u0000\"")) {
      Spec.Stage stage = Spec.single("grammar=@" + file);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> stage.read(SpecFiles.fileSystem()))
          .withMessageContaining("stage \"grammar\", value: cannot read the file @")
          .withMessageContaining(stage.options().get("value"));
    }
  }

  @Test
  void a_file_that_is_not_there_is_told_in_words() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.single("json-schema=@nowhere.json").read(SpecFiles.fileSystem()))
        .withMessage(
            "stage \"json-schema\", value: cannot read the file @nowhere.json: there is no such file");
  }

  @Test
  void a_file_that_is_too_large_is_named_with_its_size_and_the_limit(@TempDir Path directory)
      throws IOException {
    Path file = directory.resolve("large");
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(SpecFiles.MAX_BYTES);
    }
    Spec.Stage stage = Spec.single("a=@" + file);
    assertThat(stage.read(SpecFiles.fileSystem()).options().get("value"))
        .hasSize(SpecFiles.MAX_BYTES);
    try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
      large.setLength(1L << 33);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage.read(SpecFiles.fileSystem()))
        .withMessageContaining(file.toString())
        .withMessageContaining("it has 8589934592 bytes, more than the 16777216");
    Files.write(file, new byte[] {'a', (byte) 0xC3});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> stage.read(SpecFiles.fileSystem()))
        .withMessageContaining("it is no text in UTF-8");
  }

  @Test
  void a_registry_reads_files_as_its_caller_says(@TempDir Path directory) throws IOException {
    String spec = "temperature=@" + Files.writeString(directory.resolve("t"), "0.5");
    Registry registry =
        Registry.of().with((SamplerProvider) new Stubs.Temperature("temperature", 0));
    Samplers.parse(spec, registry);
    Samplers.parse("temperature=@x", registry.withFiles(file -> "0.5"));
    Registry refusing = registry.withFiles(SpecFiles.none());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse(spec, refusing))
        .withMessageContaining("no file is read here");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decoders.parse("sampling(n=@x)", refusing))
        .withMessageContaining("no file is read here");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.constraint("temperature=@x", refusing))
        .withMessageContaining("no file is read here");
    assertThat(refusing.withFiles(file -> "0.5").with().all(SamplerProvider.class))
        .extracting(SamplerProvider::name)
        .contains("temperature");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'a,'          | expected a name at position 2, found the end",
        "',a'          | expected a name at position 0, found ','",
        "'-a'          | expected a name at position 0, found '-'",
        "'a b'         | expected \"=\", \"(\", \",\" or the end at position 2, found 'b'",
        "'a=1)'        | expected \",\" or the end at position 3, found ')'",
        "'a='          | expected a value at position 2, found the end",
        "'a=,b'        | expected a value at position 2, found ','",
        "'a=@'         | expected a file name at position 3, found the end",
        "'a()'         | expected the name of an option of \"a\" at position 2, found ')'",
        "'a(b)'        | expected \"=\" and a value after the option's name \"b\" at position 3, found ')'",
        "'a(b=1'       | expected \",\" or \")\" at position 5, found the end",
        "'a=\"b'       | expected \" to end the quoted value at position 4, found the end",
        "'a=\"\\x\"'   | after \\ at position 4, found 'x'",
        "'a=\"\\'      | after \\ at position 4, found the end",
        "'a=\"\\u00g0' | four hexadecimal digits after \\u at position 7, found 'g'",
        "'a=\"\\u12'   | four hexadecimal digits after \\u at position 7, found the end",
      })
  void mistakes_are_shown_with_their_place(String spec, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.parse(spec))
        .withMessageContaining(message)
        .withMessageEndingWith(" in: " + spec);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'a={\"b\":1}'    | expected \",\" or the end at position 3, found '\"'",
        "'a(b=1;c=2)'   | options are separated by \",\"; found \";\" at position 5",
        "'a(b=f(x),c=2)' | expected \",\" or \")\" at position 5, found '('",
      })
  void a_value_that_needs_quotes_is_answered_with_them(String spec, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.parse(spec))
        .withMessage(
            message
                + " in: "
                + spec
                + ". A value with such a character has to be in quotes, as Spec.quoted writes it, or"
                + " in a file, as =@file");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.parse("a=1,b(="))
        .withMessageEndingWith(" in: a=1,b(=");
  }

  @Test
  void a_repeated_option_is_named_with_its_stage() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.parse("beam(width=4,width=5)"))
        .withMessage("stage \"beam\" has option \"width\" twice in: beam(width=4,width=5)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a,b", "a=1,b,c"})
  void where_one_name_is_expected_several_are_refused(String spec) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.single(spec))
        .withMessageContaining("expected one name")
        .withMessageEndingWith(spec);
  }

  @Property(tries = 300)
  void what_is_written_by_the_grammar_is_read_back(
      @ForAll @Size(min = 1, max = 4)
          List<@AlphaChars @StringLength(min = 1, max = 8) String> names,
      @ForAll @Size(max = 4)
          Map<@AlphaChars @StringLength(min = 1, max = 5) String, String> options) {
    String written =
        names.stream().map(name -> name + written(options)).collect(Collectors.joining(" , "));
    assertThat(Spec.parse(written).stages())
        .isEqualTo(names.stream().map(name -> new Spec.Stage(name, options)).toList());
  }

  @Property(tries = 1000)
  void any_text_is_parsed_or_refused_with_a_message(@ForAll @StringLength(max = 30) String text) {
    assertParsedOrRefused(text);
  }

  @Property(tries = 1000)
  void any_text_of_the_grammars_signs_is_parsed_or_refused(
      @ForAll @Size(max = 12) List<Sign> signs) {
    assertParsedOrRefused(signs.stream().map(sign -> sign.text).collect(Collectors.joining()));
  }

  enum Sign {
    NAME("a"),
    EQUALS("="),
    OPEN("("),
    CLOSE(")"),
    COMMA(","),
    QUOTE("\""),
    BACKSLASH("\\"),
    UNICODE("u00e"),
    SPACE(" ");

    private final String text;

    Sign(String text) {
      this.text = text;
    }
  }

  private static void assertParsedOrRefused(String text) {
    try {
      assertThat(Spec.parse(text).stages()).isNotEmpty();
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining(text.isBlank() ? "the spec is empty" : text);
    }
  }

  @Property
  void a_text_that_was_quoted_is_read_as_it_was(@ForAll String text) {
    assertThat(Spec.parse("a=" + Spec.quoted(text)).stages())
        .containsExactly(new Spec.Stage("a", Map.of("value", text)));
  }

  private static String written(Map<String, String> options) {
    return options.isEmpty()
        ? ""
        : new LinkedHashMap<>(options)
            .entrySet().stream()
                .map(option -> option.getKey() + "=" + quoted(option.getValue()))
                .collect(Collectors.joining(",", "(", ")"));
  }

  private static String quoted(String value) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else if (c % 3 == 0) {
        quoted.append(String.format("\\u%04x", (int) c));
      } else {
        quoted.append(c);
      }
    }
    return quoted.append('"').toString();
  }
}
