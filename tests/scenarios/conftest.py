"""The browser, for the stories that are told through the page."""

from tests.browser import browser as browser
from tests.browser import chromium as chromium
