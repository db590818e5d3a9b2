const offline = document.querySelector(".offline");
const tellNetwork = () => { offline.textContent = navigator.onLine ? "" : offline.dataset.words; };
addEventListener("online", tellNetwork);
addEventListener("offline", tellNetwork);
tellNetwork();
