/**
 * HTTP without any feature: endpoints as a table, bearer tokens, bodies checked against the
 * contract, problem documents, OpenAPI.
 */
@NullMarked
package com.ytempire.sidecar.web;

import org.jspecify.annotations.NullMarked;
