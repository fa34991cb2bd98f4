package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.OptionSpec;

/** What the program says of itself. */
class HelpTest {
  private static final CommandLine PROGRAM = Main.program(new Main());

  @Test
  void an_option_that_must_be_given_has_no_default() {
    for (CommandLine command : PROGRAM.getSubcommands().values()) {
      List<OptionSpec> required =
          command.getCommandSpec().options().stream().filter(OptionSpec::required).toList();
      assertThat(required)
          .as(command.getCommandName())
          .allMatch(option -> option.showDefaultValue() == Visibility.NEVER);
      assertThat(command.getUsageMessage()).doesNotContain("Default: null");
    }
  }

  /** Picocli may break a line within "apache-2.0"; other words around it move the break. */
  @Test
  void a_line_breaks_between_words() {
    for (CommandLine command : PROGRAM.getSubcommands().values()) {
      String text = command.getUsageMessage().replaceAll("\\s+", " ");
      for (OptionSpec option : command.getCommandSpec().options()) {
        assertThat(option.description())
            .as("%s %s", command.getCommandName(), option.longestName())
            .allMatch(line -> line.contains("${") || text.contains(line));
      }
    }
  }

  @Test
  void a_list_that_begins_empty_has_no_default() {
    for (CommandLine command : PROGRAM.getSubcommands().values()) {
      assertThat(command.getUsageMessage()).doesNotContain("[]");
    }
  }

  /** Those that the compiler wrote to the package's folder. */
  private static Set<Class<?>> commands() throws Exception {
    Path folder = Path.of(Subcommand.class.getResource("Subcommand.class").toURI()).getParent();
    Set<Class<?>> commands = new HashSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(file -> file.toString().endsWith(".class")).toList()) {
        String name = file.getFileName().toString().replaceAll("\\.class$", "");
        Class<?> one =
            Class.forName(
                Subcommand.class.getPackageName() + "." + name,
                false,
                Subcommand.class.getClassLoader());
        if (Subcommand.class.isAssignableFrom(one) && !Modifier.isAbstract(one.getModifiers())) {
          commands.add(one);
        }
      }
    }
    return commands;
  }

  @Test
  void every_command_is_listed() throws Exception {
    assertThat(PROGRAM.getSubcommands().values())
        .<Class<?>>extracting(command -> command.getCommandSpec().userObject().getClass())
        .containsExactlyInAnyOrderElementsOf(commands());
  }

  @Test
  void a_command_that_is_named_has_the_same_help_alone() {
    PROGRAM
        .getSubcommands()
        .forEach(
            (name, command) -> {
              CommandLine alone = Main.program(new Main(), name);
              assertThat(alone.getSubcommands()).containsOnlyKeys(name);
              assertThat(alone.getSubcommands().get(name).getUsageMessage())
                  .isEqualTo(command.getUsageMessage());
            });
  }

  @Test
  void every_exit_code_is_listed() {
    assertThat(PROGRAM.getUsageMessage())
        .contains(
            "  129   stopped by SIGHUP", "  130   stopped by Ctrl-C", "  143   stopped by SIGTERM");
  }
}
