package io.fundamentallm.webservice.settings;

import io.fundamentallm.spi.NearestName;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.hibernate.validator.constraints.time.DurationMin;
import org.springframework.util.unit.DataSize;

/**
 * A setting of the service, as the records have it.
 *
 * @param name as in a file, such as {@code fundamentallm.limits.max-tokens}
 * @param component of the record; its accessor has the annotations
 */
record Setting(String name, RecordComponent component) {
  static final String PREFIX = "fundamentallm.";

  static final String MODELS = PREFIX + "models.";

  /** In the place of the name that the operator gives a further model. */
  static final String ANY_MODEL = "NAME";

  /** All of them, in the order of the records. */
  static List<Setting> all() {
    List<Setting> all = new ArrayList<>();
    collect(PREFIX, ServiceSettings.class, all);
    return all;
  }

  private static void collect(String prefix, Class<?> settings, List<Setting> all) {
    for (RecordComponent component : settings.getRecordComponents()) {
      String name = prefix + hyphenated(component.getName());
      if (component.getType().isRecord()) {
        collect(name + ".", component.getType(), all);
      } else if (component.getType() == Map.class) {
        collect(name + "." + ANY_MODEL + ".", ModelSettings.class, all);
      } else {
        all.add(new Setting(name, component));
      }
    }
  }

  static Optional<Setting> of(String name) {
    boolean further = name.startsWith(MODELS) && name.lastIndexOf('.') > MODELS.length();
    String general = further ? MODELS + ANY_MODEL + name.substring(name.lastIndexOf('.')) : name;
    return all().stream().filter(setting -> setting.name.equals(general)).findFirst();
  }

  /** The name that a misspelt one was meant to be. */
  static Optional<String> nearest(String asked) {
    int last = asked.lastIndexOf('.');
    boolean further = asked.startsWith(MODELS) && last > MODELS.length();
    String model = further ? asked.substring(MODELS.length(), last) : ANY_MODEL;
    String general = further ? MODELS + ANY_MODEL + asked.substring(last) : asked;
    List<String> ends =
        all().stream().map(setting -> setting.name.substring(PREFIX.length())).toList();
    String written = model.matches("[A-Za-z0-9-]+|\\[.*]") ? model : "[" + model + "]";
    return NearestName.of(general.substring(PREFIX.length()), ends)
        .map(end -> PREFIX + end.replace(ANY_MODEL, written));
  }

  /** The name as files have it: {@code limits.maxTokens} is {@code limits.max-tokens}. */
  static String hyphenated(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** What its value is to be, for a refusal. */
  String expected() {
    Class<?> type = component.getType();
    AnnotatedElement bounds = component.getAccessor();
    if (type == int.class) {
      Min min = bounds.getAnnotation(Min.class);
      Max max = bounds.getAnnotation(Max.class);
      return "a whole number "
          + (max == null
              ? "of at least " + min.value()
              : "from " + min.value() + " to " + max.value());
    } else if (type == Duration.class) {
      DurationMin min = bounds.getAnnotation(DurationMin.class);
      return "a time of at least " + min.millis() + " ms, such as 500ms, 30s or 2m";
    } else if (type == DataSize.class) {
      DataSizeMin min = bounds.getAnnotation(DataSizeMin.class);
      return "a size of at least " + min.value() + "B, such as 64KB, 1MB or 4GB";
    } else if (type == boolean.class) {
      return "true or false";
    } else if (type == List.class) {
      return "texts separated by commas";
    }
    return type == Path.class ? "a path" : "a text";
  }
}
