package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.OptionSpec;

/** What the program says of itself. */
class HelpTest {
  private static final CommandLine PROGRAM = new CommandLine(new Main());

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
  void every_exit_code_is_listed() {
    assertThat(PROGRAM.getUsageMessage())
        .contains(
            "  129   stopped by SIGHUP", "  130   stopped by Ctrl-C", "  143   stopped by SIGTERM");
  }
}
