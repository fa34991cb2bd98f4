package io.fundamentallm.webservice.answer;

import io.fundamentallm.spi.NearestName;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;

/**
 * What the service answers at, for requests that miss it: a base URL without {@code /v1}, or with
 * it twice, is the commonest mistake of clients.
 */
@Component
final class Addresses {
  private static final String VERSION = "/v1";

  /** Longer paths resemble none. */
  private static final int LONGEST = 100;

  private final RequestMappingHandlerMapping mapping;

  Addresses(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping) {
    this.mapping = mapping;
  }

  /** The address that a path was probably meant to be. */
  Optional<String> nearest(String path) {
    if (path.length() > LONGEST) {
      return Optional.empty();
    }
    List<String> known =
        mapping.getHandlerMethods().keySet().stream()
            .flatMap(info -> info.getPatternsCondition().getPatterns().stream())
            .map(pattern -> pattern.getPatternString())
            .filter(pattern -> !pattern.contains("{"))
            .toList();
    Optional<String> same =
        known.stream()
            .filter(address -> !address.equals(path) && path.endsWith(tail(address)))
            .max(Comparator.comparingInt(String::length));
    return same.isPresent() ? same : NearestName.of(path, known);
  }

  private static String tail(String address) {
    return address.startsWith(VERSION + "/") ? address.substring(VERSION.length()) : address;
  }
}
