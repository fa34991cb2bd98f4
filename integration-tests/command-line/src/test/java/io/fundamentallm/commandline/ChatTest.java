package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A conversation, typed or piped. */
class ChatTest {
  private static final String[] CHAT = {
    "chat", "model", "--max-tokens=12", "--seed=7", "--when-full=forget"
  };

  @Test
  void lines_from_a_pipe_are_answered_and_settings_are_heard() throws Exception {
    Run run =
        SmallModel.shell()
            .pipe(
                """
                /set sampler=greedy
                It is a truth
                /reset
                It is a truth
                /seed x
                /set sampler=nothing
                /frown
                /show surprisal
                that a single
                /quit
                never answered
                """,
                CHAT);

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err()).startsWith("The model has no chat template, ").hasLineCount(1);
    String set = "(sampler greedy)" + System.lineSeparator();
    assertThat(run.out()).startsWith(set).contains("(x: expected a whole number)");
    String answers = run.out().substring(set.length(), run.out().indexOf("(x: expected"));
    // the past was forgotten in between
    String first = answers.substring(0, answers.length() / 2);
    assertThat(answers).isEqualTo(first + first);
    assertThat(run.out())
        .contains("(no sampler stage named \"nothing\"", "(no command /frown; /help lists them)")
        .containsPattern("\\(\\d+ tokens, \\d\\.\\d\\d bits each\\)\n$")
        .doesNotContain("\u001b");
  }

  @Test
  void a_model_with_a_template_gets_the_turns_of_the_conversation() throws Exception {
    Path model = SmallModel.folder().resolve("talking");
    Files.createDirectories(model);
    for (String file : List.of("config.json", "model.safetensors", "tokenizer.json")) {
      Files.copy(SmallModel.folder().resolve("model").resolve(file), model.resolve(file));
    }
    // refuses what is not turn and turn about
    Files.writeString(
        model.resolve("chat_template.jinja"),
        "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
            + "{{ raise_exception('not in turn') }}{% endif %}{{ m.content }} {% endfor %}");

    Run run =
        SmallModel.shell()
            .pipe(
                "It is a truth\nmust be in want\n",
                "chat",
                "talking",
                "--max-tokens=5",
                "--when-full=forget");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err())
        .startsWith("Nothing says how this model's tokens are chosen, so they are with top-k=40,")
        .hasLineCount(1);
    assertThat(run.out()).doesNotContain("not in turn", "(");
    assertThat(run.out()).isNotBlank();

    Run chosen = SmallModel.shell().pipe("It\n", "chat", "talking", "--sampler=draw");
    assertThat(chosen.err()).isEmpty();
    Files.writeString(model.resolve("generation_config.json"), "{\"do_sample\": false}");
    assertThat(SmallModel.shell().pipe("It\n", "chat", "talking").err()).isEmpty();
  }

  @Test
  void an_answer_ends_with_the_context_and_a_conversation_that_is_too_long_is_refused()
      throws Exception {
    Run run =
        SmallModel.shell()
            .pipe(
                "It is a truth\nIt is a truth that a single man\n/reset\nIt\n",
                "chat",
                "model",
                "--sampler=min-new-tokens=99,greedy");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("(the context of 32 tokens is full; --when-full=forget writes on)")
        .containsPattern("\\(the prompt of \\d+ tokens does not fit into the model's context of 32")
        .endsWith(
            "(the context of 32 tokens is full; --when-full=forget writes on)"
                + System.lineSeparator());
  }

  @Test
  void on_a_terminal_surprise_is_coloured_unless_no_colour_is_wanted() throws Exception {
    Path history = SmallModel.folder().resolve("history");
    Files.writeString(history, ""); // may be read by all, as another program made it
    Files.setPosixFilePermissions(history, PosixFilePermissions.fromString("rw-r--r--"));
    String coloured = onTerminal("unset NO_COLOR;");
    String plain = onTerminal("export NO_COLOR=1;");

    assertThat(coloured)
        .contains("> ")
        .containsPattern("\u001b\\[38;5;\\d+m")
        .contains("bits each");
    assertThat(history).content().contains("It is"); // also what the first run was told
    assertThat(Files.readAllLines(history)).filteredOn(line -> line.endsWith("It is")).hasSize(2);
    assertThat(Files.getPosixFilePermissions(history))
        .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    assertThat(plain).contains("> ").doesNotContain("\u001b[38;5;").contains("bits each");
  }

  /** What a terminal shows; util-linux brings the program that plays one. */
  private static String onTerminal(String setting) throws Exception {
    Path script = Path.of("/usr/bin/script");
    assumeTrue(Files.isExecutable(script), "no program that plays a terminal");
    String command =
        SmallModel.shell().command(CHAT).stream()
            .map(word -> "'" + word + "'")
            .collect(Collectors.joining(" "));
    String all =
        "stty cols 80 rows 24; export TERM=xterm FUNDAMENTALLM_HISTORY=history; "
            + setting
            + " "
            + command;
    Run run =
        SmallModel.shell()
            .run(
                List.of(script.toString(), "-qec", all, "/dev/null"),
                "/show surprisal\nIt is\n/quit\n");
    assertThat(run.exit()).as(run.out()).isZero();
    return run.out();
  }
}
