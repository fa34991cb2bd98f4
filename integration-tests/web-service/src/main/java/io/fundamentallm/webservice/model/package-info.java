/** The model that is served. */
@NullMarked
package io.fundamentallm.webservice.model;

import org.jspecify.annotations.NullMarked;
