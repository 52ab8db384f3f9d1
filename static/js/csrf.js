// The token of forms, as the browser has it now: a sign-in in another window brings another than the page was made with.
export const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "";
