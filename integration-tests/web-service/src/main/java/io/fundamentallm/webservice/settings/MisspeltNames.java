package io.fundamentallm.webservice.settings;

import static java.util.stream.Collectors.toSet;

import io.fundamentallm.spi.NearestName;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
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

  /** A name that is further from all others is another program's. */
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
      if (asked.startsWith(VARIABLE) && !read.contains(asked)) {
        refuse(
            "the environment variable " + variable,
            asked.startsWith(variable(Setting.MODELS, ""))
                ? ofModel(asked, '_', variable(Setting.MODELS, ""), ofModels("_"))
                : near(asked, shortest));
      }
    }
    Set<String> relaxed = names.stream().map(MisspeltNames::relaxed).collect(toSet());
    for (String property : properties) {
      String asked = property.replaceFirst("(\\[[0-9]+])+$", "");
      if (asked.startsWith(Setting.PREFIX) && !relaxed.contains(relaxed(asked))) {
        refuse(
            "the system property " + property,
            asked.startsWith(Setting.MODELS)
                ? ofModel(asked, '.', Setting.MODELS, ofModels("."))
                : near(asked, names));
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
    return NearestName.within(SLIPS, asked, names);
  }

  /** The ends of a further model's settings. */
  private static List<String> ofModels(String separator) {
    return Stream.of(ModelSettings.class.getRecordComponents())
        .map(component -> Setting.hyphenated(component.getName()))
        .map(end -> separator.equals("_") ? variable(end, "") : end)
        .toList();
  }

  /** What the last part of a further model's setting was meant to be; its name may be any. */
  private static Optional<String> ofModel(
      String asked, char separator, String models, List<String> ends) {
    int last = asked.lastIndexOf(separator);
    String end = asked.substring(last + 1);
    return last < models.length() || ends.contains(end)
        ? Optional.empty()
        : near(end, ends).map(meant -> asked.substring(0, last + 1) + meant);
  }

  private static void refuse(String what, Optional<String> meant) {
    if (meant.isPresent()) {
      throw new CannotStart(
          "nothing reads " + what + "; did you mean " + meant.get() + "?",
          "Correct the name, or take it away if it is meant for another program.",
          null);
    }
  }
}
