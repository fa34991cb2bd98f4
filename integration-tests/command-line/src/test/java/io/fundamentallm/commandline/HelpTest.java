package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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

  @Test
  void a_command_that_is_named_has_the_same_help_alone() {
    assertThat(PROGRAM.getSubcommands()).hasSize(10);
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
