package io.fundamentallm.chat;

import io.fundamentallm.chat.AnswerLayout.Markers;
import io.fundamentallm.chat.AnswerLayout.Tags;
import io.fundamentallm.internal.chat.ArgumentTags;
import io.fundamentallm.internal.chat.ArgumentTypes;
import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.text.ChatTool;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A call whose arguments are each between tags, as JSON. */
final class TaggedCall implements CallReader {
  private enum Place {
    NAME,
    BETWEEN,
    KEY,
    BEFORE_VALUE,
    VALUE
  }

  private final Tags tags;
  private final Marker after;
  private final ArgumentTags written;
  private final List<ChatTool> tools;
  private final CallListener listener;
  private final StringBuilder name = new StringBuilder();
  private final StringBuilder key = new StringBuilder();
  private final StringBuilder arguments = new StringBuilder();
  private final StringBuilder pending = new StringBuilder();
  private final StringBuilder kinds = new StringBuilder();
  private ArgumentTypes types = ArgumentTypes.of(null);
  private Place place = Place.NAME;
  private @Nullable TaggedValue value;
  private boolean hasArguments;
  private boolean ended;

  /** Before the name. */
  TaggedCall(Markers markers, ArgumentTags written, List<ChatTool> tools, CallListener listener) {
    tags = markers.tags();
    after = markers.after();
    this.written = written;
    this.tools = tools;
    this.listener = listener;
  }

  @Override
  public boolean append(char c, char kind) {
    if (place == Place.NAME) {
      if (NamedCall.isNamePart(c, kind)) {
        name.append(c);
        return false;
      }
      begin();
    }
    pending.append(c);
    kinds.append(kind);
    while (pending.length() > 0 && !isWaiting()) {
      plain(pending.charAt(0), kinds.charAt(0));
      drop(1);
    }
    return ended;
  }

  private void begin() {
    place = Place.BETWEEN;
    tools.stream()
        .filter(tool -> tool.name().contentEquals(name))
        .forEach(tool -> types = ArgumentTypes.of(tool.schema()));
    listener.begin(name.toString());
    write("{");
  }

  /** Whether what is pending may become the marker that comes next, or was it. */
  private boolean isWaiting() {
    return switch (place) {
      case KEY -> is(tags.text(), () -> named(true)) || is(tags.json(), () -> named(false));
      case BEFORE_VALUE -> is(tags.value(), () -> place = Place.VALUE);
      case VALUE -> is(tags.end(), this::endValue);
      default -> is(after, this::end) || is(tags.name(), () -> place = Place.KEY);
    };
  }

  private boolean is(Marker marker, Runnable then) {
    if (!marker.agrees(pending, kinds)) {
      return false;
    }
    if (pending.length() >= marker.length()) {
      drop(marker.length());
      then.run();
    }
    return true;
  }

  private void plain(char c, char kind) {
    if (kind != Marker.TEXT) {
      return; // another special token, which has no text
    }
    if (place == Place.KEY) {
      key.append(c);
    } else if (place == Place.VALUE && value != null) {
      value.append(c);
    }
  }

  private void named(boolean asText) {
    String argument = key.toString().strip();
    key.setLength(0);
    place = tags.value().length() == 0 ? Place.VALUE : Place.BEFORE_VALUE;
    ArgumentTypes.Kind kind = types.kind(argument);
    if (written.sayWhatIsText()) {
      kind = asText ? ArgumentTypes.Kind.TEXT : ArgumentTypes.Kind.JSON;
    }
    StringBuilder json = new StringBuilder(hasArguments ? ", \"" : "\"");
    hasArguments = true;
    argument.chars().forEach(c -> JsonText.append((char) c, json));
    write(json.append("\": ").toString());
    value = new TaggedValue(kind, written.line(), this::write);
  }

  private void endValue() {
    place = Place.BETWEEN;
    if (value != null) {
      value.end();
    }
  }

  private void end() {
    write("}");
    listener.end(name.toString(), arguments.toString());
    ended = true;
  }

  private void write(String json) {
    arguments.append(json);
    listener.arguments(json);
  }

  private void drop(int characters) {
    pending.delete(0, characters);
    kinds.delete(0, characters);
  }
}
