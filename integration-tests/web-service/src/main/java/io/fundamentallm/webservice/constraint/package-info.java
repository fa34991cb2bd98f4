/** Specs and schemas that clients send, compiled within limits. */
@NullMarked
package io.fundamentallm.webservice.constraint;

import org.jspecify.annotations.NullMarked;
