package io.fundamentallm.webservice.settings;

import static java.util.stream.Collectors.toSet;

import io.fundamentallm.spi.NearestName;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Refuses names in the environment and among the system properties that look like a setting's, but
 * are none: one would leave the service without its key, say, and nobody would notice. Others are
 * let be. The library has names of its own there, and Kubernetes sets variables that are named
 * after the service. Arguments and files are checked by the framework when it binds them.
 */
public final class MisspeltNames
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent> {
  private static final String VARIABLE = "FUNDAMENTALLM_";

  /** Letters that a misspelt name may have more or less; else it is another name. */
  private static final int SLIPS = 2;

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    ConfigurableEnvironment environment = event.getEnvironment();
    check(environment.getSystemEnvironment().keySet(), environment.getSystemProperties().keySet());
  }

  static void check(Collection<String> variables, Collection<String> properties) {
    List<String> names = Setting.all().stream().map(Setting::name).toList();
    List<String> shortest = names.stream().map(name -> variable(name, "")).toList();
    Set<String> read = new HashSet<>(shortest);
    names.forEach(name -> read.add(variable(name, "_")));
    for (String variable : variables) {
      String asked = variable.replaceFirst("(_[0-9]+)+$", ""); // the elements of a list
      if (asked.startsWith(VARIABLE)
          && !asked.startsWith(variable(Setting.MODELS, ""))
          && !read.contains(asked)) {
        refuse("the environment has " + variable, near(asked, shortest));
      }
    }
    Set<String> relaxed = names.stream().map(MisspeltNames::relaxed).collect(toSet());
    for (String property : properties) {
      String asked = property.replaceFirst("(\\[[0-9]+])+$", "");
      if (asked.startsWith(Setting.PREFIX)
          && !asked.startsWith(Setting.MODELS)
          && !relaxed.contains(relaxed(asked))) {
        refuse("the system property " + property + " is set", near(asked, names));
      }
    }
  }

  /** The framework reads {@code API_KEY} beside {@code APIKEY}. */
  private static String variable(String name, String hyphen) {
    return name.toUpperCase(Locale.ROOT).replace('.', '_').replace("-", hyphen);
  }

  /** The framework reads {@code apiKey} beside {@code api-key}. */
  private static String relaxed(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[-_]", "");
  }

  private static Optional<String> near(String asked, Collection<String> names) {
    int prefix = Setting.PREFIX.length();
    return NearestName.of(
            asked.substring(prefix), names.stream().map(name -> name.substring(prefix)).toList())
        .map(end -> asked.substring(0, prefix) + end)
        .filter(name -> Math.abs(name.length() - asked.length()) <= SLIPS);
  }

  private static void refuse(String what, Optional<String> meant) {
    if (meant.isPresent()) {
      throw new CannotStart(
          what + ", which nothing reads; did you mean " + meant.get() + "?",
          "Correct the name, or take it away if it is meant for another program.",
          null);
    }
  }
}
